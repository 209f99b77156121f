// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Scheme} from "../../types/Scheme.sol";
import {Terms} from "../../types/Terms.sol";
import {Pure} from "../harness/Pure.sol";
import {Test} from "../harness/Test.sol";

/// What is put up rounds up, what is paid rounds down, and nothing is made or lost in between
/// ├── a lock is the least whole number that covers rate · fuel; a job earns the greatest that it does not exceed
/// ├── the jobs of a lease never earn more than its lock, however its fuel is cut
/// ├── after any payment within the most, what is left of a lock pays the rest and its fees to the unit
/// ├── late fees take the collateral at most
/// ├── a slash and a forfeited bond come to the whole, exactly; at least a fifth of what the arbiter leaves burns
/// └── challenging oneself loses, for every leaf: careless ones too
contract MoneyTest is Test {
    uint256 private constant GIGAFUEL = 1e9;
    uint256 private constant BASIS = 10_000;
    Pure private pures = new Pure();

    function testFuzz_lock(uint96 rate, uint64 fuel) public view {
        uint256 lock = pures.atMost(rate, fuel);
        holds(lock * GIGAFUEL >= uint256(rate) * fuel, "covers it");
        holds(lock == 0 || (lock - 1) * GIGAFUEL < uint256(rate) * fuel, "and no more");
    }

    function testFuzz_job(uint96 price, uint64 jobFuel, uint64 fuelUsed) public view {
        Terms memory terms;
        (terms.price, terms.jobFuel) = (price, jobFuel);
        uint256 amount = pures.ofJob(terms, fuelUsed);
        uint256 exact = uint256(price) * (uint256(fuelUsed) + jobFuel);
        holds(amount * GIGAFUEL <= exact && (amount + 1) * GIGAFUEL > exact, "rounded down");
    }

    function testFuzz_jobsWithinTheLock(uint96 price, uint32 jobFuel, uint32[8] memory fuels) public view {
        Terms memory terms;
        (terms.price, terms.jobFuel) = (price, jobFuel);
        uint256 earned;
        uint64 fuel;
        for (uint256 i; i < fuels.length; ++i) {
            earned += pures.ofJob(terms, fuels[i]);
            fuel += uint64(fuels[i]) + jobFuel;
        }
        atMost(earned, pures.atMost(price, fuel), "all jobs");
    }

    function testFuzz_leftOfLock(uint96 price, uint64 fuel, uint64 flat, uint16 fee, uint256 paid, uint256 owed)
        public
        view
    {
        Terms memory terms;
        (terms.price, terms.fuel, terms.retainer, terms.claimFee) = (price >> 36, fuel, flat, flat);
        terms.taskerFee = uint16(fee % (BASIS + 1));
        uint256 most = pures.most(terms);
        owed = within(owed, 0, most);
        paid = within(paid, 0, owed);

        uint256 due = owed - paid + owed * terms.taskerFee / BASIS - paid * terms.taskerFee / BASIS;
        same(pures.leftOfLock(terms, paid) - due, pures.leftOfLock(terms, owed), "to the unit");
        uint256 lock = most + (most * terms.taskerFee + BASIS - 1) / BASIS;
        same(pures.leftOfLock(terms, 0), lock, "all of it");
        atMost(pures.leftOfLock(terms, most), 1, "a unit of rounding is left at last");
    }

    function testFuzz_leftOfCollateral(uint96 collateral, uint96 lateFee, uint8 count) public view {
        Terms memory terms;
        (terms.collateral, terms.lateFee) = (collateral, lateFee);
        uint256 taken = uint256(lateFee) * count;
        uint256 left = pures.leftOfCollateral(terms, count);
        same(left, collateral - (taken > collateral / 2 ? collateral / 2 : taken), "half is left at least");
    }

    function testFuzz_slash(uint96 collateral, Scheme memory scheme, bool ruled) public view {
        (uint256 toArbiter, uint256 toTasker, uint256 toWinner, uint256 burned) =
            pures.ofCollateral(collateral, scheme, ruled);
        same(toArbiter + toTasker + toWinner + burned, collateral, "the whole");
        if (!ruled || scheme.arbiter == address(0)) same(toArbiter, 0, "nobody ruled");
        atMost(toArbiter, scheme.arbiterFee, "the fee at most");
        uint256 rest = collateral - toArbiter;
        holds(burned * 5 >= rest, "a fifth burns");
        holds(toWinner * 10 <= rest, "a tenth to the winner at most");
    }

    function testFuzz_bond(uint96 bond, Scheme memory scheme) public view {
        (uint256 toArbiter, uint256 toProvider, uint256 burned) = pures.ofBond(bond, scheme);
        same(toArbiter + toProvider + burned, bond, "the whole");
        if (scheme.arbiter == address(0)) same(toArbiter, 0, "nobody ruled");
        atMost(toArbiter, scheme.arbiterFee, "the fee at most");
        holds(burned * 5 >= bond - toArbiter, "a fifth burns");
    }

    /// @dev Provider, tasker and challenger are one; the arbiter is not. Whatever the verdict, he is poorer for it.
    function testFuzz_selfChallenge(uint96 collateral, uint96 bond, Scheme memory scheme, bool ruled) public view {
        vm.assume(collateral > 0 && bond > 0);
        (, uint256 toTasker, uint256 toWinner,) = pures.ofCollateral(collateral, scheme, ruled);
        holds(toTasker + toWinner < collateral, "guilty: a loss");
        (, uint256 toProvider,) = pures.ofBond(bond, scheme);
        holds(toProvider < bond, "clean: a loss");
    }
}
