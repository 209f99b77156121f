// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// claim
/// ├── when the caller is not the provider or its key: it reverts NotAParty
/// ├── when claimBy has come: it reverts TooLate, of a stopped lease from its own grace on
/// ├── when it holds too many, or a sum of nothing: it reverts BadClaim
/// ├── when it comes to more than the lock: it reverts OverTheMost
/// ├── when vouchers fell short: owed is retainer + sum, and the claim's fee is paid with it
/// ├── when vouchers paid it all, before or after: no claim's fee
/// └── given timed-out disputes: what they amount to is taken off
contract ClaimTest is Deals {
    function test_claims() public {
        Deal memory deal = _open();
        vm.warp(block.timestamp + 777);
        Claim memory what = _defaultClaim(deal);
        uint256 owed = uint256(what.sum) + deal.terms.retainer;
        vm.expectEmit(address(leases));
        emit ILeases.Claimed(deal.id, what.root, RESULTS, what.sum, uint96(owed));
        vm.prank(provider.addr);
        leases.claim(deal.terms, what);

        _checkStatus(deal, LeaseStatus.Claimed);
        same(leases.claimOf(deal.id), keccak256(abi.encode(what)), "the claim's hash");
        same(leases.leaseOf(deal.id).closedAfter, 777, "claimed when");
        same(leases.leaseOf(deal.id).owed, owed, "owed");
        same(_locked(tasker.addr), _lockOf(deal.terms), "nothing moves yet");
    }

    function test_byTheKey() public {
        _claim(_open());
    }

    function test_ofAStoppedLease() public {
        Deal memory deal = _open();
        _stop(deal);
        vm.warp(block.timestamp + deal.terms.grace);
        refuses(abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, block.timestamp));
        _claim(deal);
        vm.warp(block.timestamp - 1);
        _claim(deal);
    }

    function test_late() public {
        Deal memory deal = _open();
        vm.warp(_claimBy(deal));
        refuses(abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, _claimBy(deal)));
        _claim(deal);
        vm.warp(_claimBy(deal) - 1);
        _claim(deal);
    }

    function test_strangers() public {
        Deal memory deal = _open();
        address[3] memory callers = [tasker.addr, taskerKey.addr, stranger.addr];
        for (uint256 i; i < callers.length; ++i) {
            Claim memory what = _defaultClaim(deal);
            refuses(abi.encodeWithSelector(ILeases.NotAParty.selector, deal.id, callers[i]));
            vm.prank(callers[i]);
            leases.claim(deal.terms, what);
        }
    }

    function test_badClaims() public {
        Deal memory deal = _open();
        _refused(deal, Claim(0, (1 << 20) + 1, 0), abi.encodeWithSelector(ILeases.BadClaim.selector, (1 << 20) + 1, 0));
        _refused(deal, Claim(0, 0, 1), abi.encodeWithSelector(ILeases.BadClaim.selector, 0, 1));
    }

    function test_mostLeaves() public {
        _accepted(_open(), Claim(0, 1 << 20, 5));
    }

    /// @dev Nothing ran, and the retainer is due all the same.
    function test_empty() public {
        Deal memory deal = _open();
        _accepted(deal, Claim(0, 0, 0));
        _finalises(deal, deal.terms.retainer + deal.terms.claimFee);
    }

    function test_overTheMost() public {
        Deal memory deal = _open();
        uint96 sum = uint96(_most(deal.terms)) - deal.terms.retainer - deal.terms.claimFee;
        uint256 most = _most(deal.terms);
        _refused(
            deal, Claim(0, 1, sum + 1), abi.encodeWithSelector(ILeases.OverTheMost.selector, deal.id, most, most + 1)
        );
        _accepted(deal, Claim(0, 1, sum));
    }

    function test_vouchersPaidItAll() public {
        Deal memory deal = _open();
        uint96 owed = 5 ether + deal.terms.retainer;
        leases.redeem(deal.terms, owed, _voucher(deal, owed));
        _accepted(deal, Claim(0, 1, 5 ether));
        _finalises(deal, owed);
    }

    function test_vouchersFellShort() public {
        Deal memory deal = _open();
        uint96 owed = 5 ether + deal.terms.retainer;
        leases.redeem(deal.terms, owed - 1, _voucher(deal, owed - 1));
        _accepted(deal, Claim(0, 1, 5 ether));
        _finalises(deal, owed + deal.terms.claimFee);
    }

    function test_voidedBefore() public {
        Deal memory deal = _open();
        Dispute memory dispute = _challenge(deal, challenger.addr, 1);
        vm.warp(block.timestamp + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        vm.warp(deal.terms.end - 1);
        Claim memory what = _defaultClaim(deal);
        _accepted(deal, what);
        uint256 owed = uint256(what.sum) - dispute.amount + deal.terms.retainer;
        same(leases.leaseOf(deal.id).owed, owed, "less the voided job");
    }

    function test_voidedMoreThanClaimed() public {
        Deal memory deal = _open();
        Dispute memory dispute = _challenge(deal, challenger.addr, 1);
        vm.warp(block.timestamp + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        vm.warp(deal.terms.end - 1);
        _accepted(deal, Claim(0, 1, dispute.amount - 1));
        same(leases.leaseOf(deal.id).owed, deal.terms.retainer, "never below the retainer");
    }

    function _finalises(Deal memory deal, uint96 paid) private {
        vm.warp(_over(deal));
        leases.finalise(deal.terms);
        same(leases.leaseOf(deal.id).paid, paid, "paid");
    }

    function _accepted(Deal memory deal, Claim memory what) private {
        vm.prank(provider.addr);
        leases.claim(deal.terms, what);
        _checkStatus(deal, LeaseStatus.Claimed);
    }

    function _refused(Deal memory deal, Claim memory what, bytes memory reason) private {
        refuses(reason);
        vm.prank(provider.addr);
        leases.claim(deal.terms, what);
    }
}
