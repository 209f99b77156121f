// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Closing} from "../../types/Closing.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Terms} from "../../types/Terms.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {BurningAccount} from "../hostile/Accounts.sol";

/// openBatch, closeBatch, finaliseBatch
/// ├── when it is empty: nothing happens
/// ├── when an entry fails, first, last or in between: it is skipped with its reason, its neighbours are done
/// ├── when an entry is there twice: the second is skipped
/// ├── when an entry's account burns gas: its neighbours are done
/// └── when the entries are encoded in an unusual order: the same is done
contract BatchesTest is Deals {
    function test_empty() public {
        leases.openBatch(new Match[](0));
        leases.closeBatch(new Closing[](0));
        leases.finaliseBatch(new Terms[](0));
    }

    function test_open() public {
        for (uint256 bad; bad < 3; ++bad) {
            Match[] memory pairs = _pairs(3);
            Deal[] memory deals = _dealsOf(pairs);
            pairs[bad].bid.maxPrice = pairs[bad].ask.price - 1;
            bytes memory reason =
                abi.encodeWithSelector(ILeases.Misfit.selector, 0, pairs[bad].ask.price, pairs[bad].ask.price - 1);
            vm.expectEmit(address(leases));
            emit ILeases.MatchSkipped(bad, deals[bad].terms.ask, _digest(_hash(pairs[bad].bid)), reason);
            leases.openBatch(pairs);
            for (uint256 i; i < 3; ++i) {
                _checkStatus(deals[i], i == bad ? LeaseStatus.None : LeaseStatus.Open);
            }
        }
    }

    function test_openTwice() public {
        Match[] memory pairs = _pairs(2);
        pairs[1] = pairs[0];
        Deal memory deal = _dealOf(pairs[0]);
        bytes memory reason =
            abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, pairs[0].bid.nonce);
        vm.expectEmit(address(leases));
        emit ILeases.MatchSkipped(1, deal.terms.ask, deal.terms.bid, reason);
        leases.openBatch(pairs);
        _checkStatus(deal, LeaseStatus.Open);
    }

    function test_openWithABurner() public {
        Match[] memory pairs = _pairs(3);
        Deal[] memory deals = _dealsOf(pairs);
        pairs[0].bid.account = address(new BurningAccount());
        pairs[0].bidSignature = "";
        leases.openBatch{gas: 2_000_000}(pairs);
        _checkStatus(deals[1], LeaseStatus.Open);
        _checkStatus(deals[2], LeaseStatus.Open);
    }

    function test_openJobsAndParts() public {
        Match[] memory pairs = new Match[](3);
        (Ask memory ask, Bid memory job, Bid memory bid) = (_ask(), _jobBid(), _bid());
        pairs[0] = _pair(ask, bid, 0, 5 * GIGAFUEL);
        pairs[1] = _pair(ask, job, 0, job.fuel);
        pairs[2] = _pair(ask, bid, 5 * GIGAFUEL, bid.fuel - 5 * GIGAFUEL);
        Deal[] memory deals = _dealsOf(pairs);
        leases.openBatch(pairs);
        for (uint256 i; i < 3; ++i) _checkStatus(deals[i], LeaseStatus.Open);
    }

    /// @dev Offsets that point backwards are good ABI, if not what encoders write.
    function test_openInAnotherOrder() public {
        Match[] memory pairs = _pairs(2);
        Deal[] memory deals = _dealsOf(pairs);
        bytes memory first = abi.encode(pairs[0]);
        bytes memory second = abi.encode(pairs[1]);
        // Each encoding opens with the offset of its own struct, which is left out here.
        (first, second) = (_tail(first), _tail(second));
        bytes memory data = abi.encodePacked(
            ILeases.openBatch.selector, uint256(0x20), uint256(2), uint256(0x40) + second.length, uint256(0x40), second, first
        );
        (bool ok,) = address(leases).call(data);
        holds(ok, "the batch goes through");
        _checkStatus(deals[0], LeaseStatus.Open);
        _checkStatus(deals[1], LeaseStatus.Open);
    }

    function test_close() public {
        for (uint256 bad; bad < 3; ++bad) {
            Closing[] memory closings = new Closing[](3);
            Deal[] memory deals = new Deal[](3);
            for (uint256 i; i < 3; ++i) {
                deals[i] = _open();
                closings[i] = _closing(deals[i], uint96(1 ether + i));
            }
            closings[bad].until = uint40(block.timestamp);
            vm.expectEmit(address(leases));
            emit ILeases.CloseSkipped(
                bad,
                deals[bad].id,
                abi.encodeWithSelector(ILeases.TooLate.selector, deals[bad].id, block.timestamp)
            );
            leases.closeBatch(closings);
            for (uint256 i; i < 3; ++i) {
                _checkStatus(deals[i], i == bad ? LeaseStatus.Open : LeaseStatus.Closed);
                same(leases.leaseOf(deals[i].id).paid, i == bad ? 0 : 1 ether + i, "paid");
            }
        }
    }

    function test_finalise() public {
        for (uint256 bad; bad < 3; ++bad) {
            Terms[] memory terms = new Terms[](3);
            Deal[] memory deals = new Deal[](3);
            for (uint256 i; i < 3; ++i) {
                deals[i] = _reach(i == bad ? LeaseStatus.None : LeaseStatus.Declined, false);
                terms[i] = deals[i].terms;
            }
            vm.warp(block.timestamp + 1 days);
            vm.expectEmit(address(leases));
            emit ILeases.FinaliseSkipped(
                bad, deals[bad].id, abi.encodeWithSelector(IPapers.NoSuchLease.selector, deals[bad].id)
            );
            leases.finaliseBatch(terms);
            for (uint256 i; i < 3; ++i) {
                _checkStatus(deals[i], i == bad ? LeaseStatus.None : LeaseStatus.Final);
            }
        }
        _checkNothingLocked();
    }

    function _pairs(uint256 count) private returns (Match[] memory pairs) {
        pairs = new Match[](count);
        for (uint256 i; i < count; ++i) {
            Bid memory bid = _bid();
            pairs[i] = _pair(_ask(), bid, 0, bid.fuel);
        }
    }

    function _dealsOf(Match[] memory pairs) private view returns (Deal[] memory deals) {
        deals = new Deal[](pairs.length);
        for (uint256 i; i < pairs.length; ++i) deals[i] = _dealOf(pairs[i]);
    }

    function _tail(bytes memory encoded) private pure returns (bytes memory tail) {
        tail = new bytes(encoded.length - 32);
        for (uint256 i; i < tail.length; ++i) tail[i] = encoded[i + 32];
    }
}
