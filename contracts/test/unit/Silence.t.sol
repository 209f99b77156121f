// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Ticket} from "../../types/Documents.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// Whichever party falls silent, the rest are paid by end + grace + window + disputeLimit
/// ├── given the tasker silent from the start: the provider is paid by its claim
/// ├── given the provider silent from the start: the tasker has all of its money at claimBy
/// ├── given the arbiter silent: the bond comes back, the other results are paid
/// ├── given the challenger silent: a verdict for it or against it takes effect all the same
/// └── given everybody silent but a stranger, in any state and with any matter open: nothing stays locked
contract SilenceTest is Deals {
    enum Open {
        Nothing,
        Dispute,
        Guilty,
        Clean,
        Leaf,
        Delivery,
        DisputeAndLeaf
    }

    function test_tasker() public {
        Deal memory deal = _open();
        vm.warp(deal.terms.end);
        _claim(deal);
        uint256 owed = leases.leaseOf(deal.id).owed + deal.terms.claimFee;
        vm.warp(_over(deal));
        leases.finalise(deal.terms);
        same(_free(provider.addr), FUNDS + owed - owed * 10 / 10_000, "paid");
        _checkNothingLocked();
    }

    function test_provider() public {
        Deal memory deal = _open();
        vm.warp(_claimBy(deal));
        leases.expire(deal.terms);
        same(_free(tasker.addr), FUNDS, "all of it, before the window");
    }

    function test_arbiter() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        vm.warp(_over(deal) - 1);
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        vm.warp(_bound(deal));
        disputes.timeout(deal.terms, dispute);
        leases.finalise(deal.terms);
        uint256 paid = claim.sum - dispute.amount + deal.terms.retainer + deal.terms.claimFee;
        same(_free(provider.addr), FUNDS + paid - paid * 10 / 10_000, "paid for the other results");
        same(_free(challenger.addr), FUNDS, "bond back");
        _checkNothingLocked();
    }

    function test_challengerInTheRight() public {
        Deal memory deal = _open();
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        _rule(dispute, Verdict.Guilty);
        vm.warp(_bound(deal));
        vm.prank(stranger.addr);
        disputes.settle(deal.terms, deal.scheme, dispute);
        holds(_free(challenger.addr) > FUNDS, "bond and share");
        _checkNothingLocked();
    }

    function test_challengerInTheWrong() public {
        Deal memory deal = _open();
        _claim(deal);
        uint256 owed = leases.leaseOf(deal.id).owed + deal.terms.claimFee;
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        _rule(dispute, Verdict.Clean);
        vm.warp(_bound(deal));
        disputes.settle(deal.terms, deal.scheme, dispute);
        leases.finalise(deal.terms);
        holds(_free(provider.addr) > FUNDS + owed - owed * 10 / 10_000, "paid, and some of the bond");
        _checkNothingLocked();
    }

    /// @dev Only a stranger moves, at the latest time at which everything must be able to end.
    function test_everybody() public {
        for (uint256 i = uint256(LeaseStatus.Open); i <= uint256(LeaseStatus.Closed); ++i) {
            for (uint256 matter; matter <= uint256(type(Open).max); ++matter) _silence(LeaseStatus(i), Open(matter));
        }
    }

    function _silence(LeaseStatus status, Open matter) private {
        vm.warp(START);
        // A matter opens while the lease lives; where that state has ended, it was open before.
        bool ends = status > LeaseStatus.Unclaimed;
        bool leaf = matter == Open.Leaf || matter == Open.DisputeAndLeaf;
        if (leaf && status != LeaseStatus.Claimed && !ends) return;

        Deal memory deal = _reach(ends ? (leaf ? LeaseStatus.Claimed : LeaseStatus.Open) : status, false);
        Claim memory claim = leaf || status == LeaseStatus.Claimed ? _claimOf(deal) : Claim(0, 0, 0);
        Dispute memory dispute;
        bool disputed = matter == Open.Dispute || matter == Open.Guilty || matter == Open.Clean
            || matter == Open.DisputeAndLeaf;
        if (disputed) dispute = _challenge(deal, tasker.addr, 1);
        if (matter == Open.Guilty) _rule(dispute, Verdict.Guilty);
        if (matter == Open.Clean) _rule(dispute, Verdict.Clean);
        if (leaf) _demand(deal, claim, 0);
        if (matter == Open.Delivery) _demandDelivery(deal);
        if (status == LeaseStatus.Slashed) _equivocate(deal);
        if (status == LeaseStatus.Closed) leases.close(_closing(deal, 1 ether));

        vm.warp(_bound(deal));
        bool ruled = matter == Open.Guilty || matter == Open.Clean;
        if (ruled) disputes.settle(deal.terms, deal.scheme, dispute);
        else if (disputed) disputes.timeout(deal.terms, dispute);
        if (leaf) demands.lapse(deal.terms, deal.scheme, 0);
        if (matter == Open.Delivery) demands.lapseAccepted(deal.terms, _hash(_ticket(deal, 2)));
        if (_status(deal) <= LeaseStatus.Unclaimed) leases.finalise(deal.terms);
        _checkNothingLocked();
        _checkSolvent();
    }

    function _claimOf(Deal memory deal) private view returns (Claim memory claim) {
        claim = _defaultClaim(deal);
        same(leases.claimOf(deal.id), keccak256(abi.encode(claim)), "the default claim");
    }

    function _demandDelivery(Deal memory deal) private {
        Ticket memory ticket = _ticket(deal, 2);
        if (block.timestamp < ticket.job.deadline) vm.warp(ticket.job.deadline);
        bytes memory tickets = _sign(taskerKey, _hash(ticket));
        bytes memory acceptance = _acceptance(ticket);
        vm.prank(tasker.addr);
        demands.demandAccepted(deal.terms, ticket, tickets, acceptance);
    }

    function _bound(Deal memory deal) private pure returns (uint256) {
        return _claimBy(deal) + deal.terms.window + deal.terms.disputeLimit;
    }
}
