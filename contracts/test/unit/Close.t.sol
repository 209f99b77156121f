// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Outcome} from "../../interfaces/IDisputes.sol";
import {IDisputes} from "../../interfaces/IDisputes.sol";
import {Closing} from "../../types/Closing.sol";
import {Dispute} from "../../types/Dispute.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// close
/// ├── when `until` has come: it reverts TooLate
/// ├── when less is owed than was paid: it reverts VoucherStale
/// ├── when more is owed than the lease can come to: it reverts OverTheMost
/// ├── when either key did not sign: it reverts BadSignature
/// ├── given a dispute of a third party: it reverts ThirdPartyDispute, until it is settled
/// ├── given a dispute of the tasker's or its key: it closes, and the dispute is moot
/// ├── given a lease whose rest is free again: it can only close with what was paid
/// └── given any live lease: it pays, frees the rest of both, drops the claim
contract CloseTest is Deals {
    function test_pays() public {
        LeaseStatus[3] memory states = [LeaseStatus.Open, LeaseStatus.Stopped, LeaseStatus.Claimed];
        for (uint256 i; i < states.length; ++i) {
            Deal memory deal = _reach(states[i], false);
            uint256 before = _free(provider.addr);
            _close(deal, 2 ether);
            same(_free(provider.addr), before + deal.terms.collateral + 2 ether - 0.002 ether, "paid, and collateral");
            same(leases.claimOf(deal.id), bytes32(0), "no claim stays");
            same(leases.leaseOf(deal.id).paid, 2 ether, "paid");
            _checkNothingLocked();
            _checkSolvent();
        }
    }

    function test_nothingOwed() public {
        _close(_open(), 0);
        same(_free(tasker.addr), FUNDS, "all of it back");
        same(_free(provider.addr), FUNDS, "all of it back");
    }

    function test_job() public {
        _close(_openJob(), 1 ether);
        _checkNothingLocked();
    }

    function test_freeRest() public {
        LeaseStatus[2] memory states = [LeaseStatus.Declined, LeaseStatus.Unclaimed];
        for (uint256 i; i < states.length; ++i) {
            Deal memory deal = _open();
            leases.redeem(deal.terms, 7, _voucher(deal, 7));
            if (states[i] == LeaseStatus.Declined) _decline(deal);
            else _expire(deal);
            _refused(_closing(deal, 8), abi.encodeWithSelector(ILeases.OverTheMost.selector, deal.id, 7, 8));
            _close(deal, 7);
            _checkNothingLocked();
        }
    }

    function test_until() public {
        Deal memory deal = _open();
        Closing memory closing = _closing(deal, 1);
        vm.warp(closing.until);
        _refused(closing, abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, closing.until));
        vm.warp(closing.until - 1);
        leases.close(closing);
    }

    function test_lessThanPaid() public {
        Deal memory deal = _open();
        leases.redeem(deal.terms, 7, _voucher(deal, 7));
        _refused(_closing(deal, 6), abi.encodeWithSelector(ILeases.VoucherStale.selector, deal.id, 7, 6));
        _close(deal, 7);
    }

    function test_most() public {
        Deal memory deal = _open();
        uint96 most = uint96(_most(deal.terms));
        _refused(
            _closing(deal, most + 1), abi.encodeWithSelector(ILeases.OverTheMost.selector, deal.id, most, most + 1)
        );
        _close(deal, most);
    }

    function test_signatures() public {
        Deal memory deal = _open();
        Closing memory closing = _closing(deal, 1);
        bytes memory taskers = closing.taskerSignature;
        closing.taskerSignature = closing.providerSignature;
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        leases.close(closing);
        (closing.taskerSignature, closing.providerSignature) = (taskers, taskers);
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        leases.close(closing);
    }

    function test_thirdParty() public {
        Deal memory deal = _open();
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        same(disputes.thirdPartyDisputes(deal.id), 1, "one of a third party");
        _refused(_closing(deal, 1), abi.encodeWithSelector(ILeases.ThirdPartyDispute.selector, deal.id));

        vm.warp(block.timestamp + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        same(disputes.thirdPartyDisputes(deal.id), 0, "none any more");
        _close(deal, 1);
    }

    function test_ownDispute() public {
        Deal memory deal = _open();
        Dispute memory dispute = _challenge(deal, tasker.addr, 0);
        Dispute memory second = _challenge(deal, taskerKey.addr, 1);
        same(disputes.thirdPartyDisputes(deal.id), 0, "none of a third party");
        _close(deal, 1);

        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(_idOf(dispute), deal.id, Outcome.Moot);
        disputes.timeout(deal.terms, dispute);
        disputes.settle(deal.terms, deal.scheme, second);
        _checkNothingLocked();
        _checkSolvent();
    }

    /// @dev Two disputes, of the tasker's and of a third party: the third party's alone stands in the way.
    function test_bothDisputes() public {
        Deal memory deal = _open();
        _challenge(deal, tasker.addr, 0);
        _challenge(deal, challenger.addr, 1);
        _refused(_closing(deal, 1), abi.encodeWithSelector(ILeases.ThirdPartyDispute.selector, deal.id));
    }

    function _close(Deal memory deal, uint96 owed) private {
        Closing memory closing = _closing(deal, owed);
        vm.expectEmit(address(leases));
        emit ILeases.Closed(deal.id, owed);
        vm.prank(stranger.addr);
        leases.close(closing);
        _checkStatus(deal, LeaseStatus.Closed);
    }

    function _refused(Closing memory closing, bytes memory reason) private {
        refuses(reason);
        leases.close(closing);
    }
}
