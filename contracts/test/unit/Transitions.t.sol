// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDemands} from "../../interfaces/IDemands.sol";
import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Ticket} from "../../types/Documents.sol";
import {Evidence} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Trees} from "../harness/Trees.sol";

/// Every call in every state: the table of docs/PROTOCOL.md, forbidden transitions included. Each call comes with good
/// papers, from whoever may make it, at a time when it may be made, so that the state alone decides.
///
///     +  it happens
///     w  WrongStatus, with the lease and its status
///     n  NoSuchLease
///     c  NotTheClaim: the state has none
///     j  JobLeaseCannotStop
///     o  OutsideDemandTime: the state comes after it
contract TransitionsTest is Deals {
    enum Call {
        Stop,
        Redeem,
        Close,
        Claim,
        Decline,
        Expire,
        Finalise,
        Challenge,
        ChallengeLeaf,
        Equivocate,
        Demand,
        DemandAccepted
    }

    // The columns are LeaseStatus: None, Open, Stopped, Claimed, Declined, Unclaimed, Slashed, Closed, Final.

    function test_stop() public {
        _row(Call.Stop, "n+wwwwwww", "nj-wwwwww");
    }

    function test_redeem() public {
        _row(Call.Redeem, "n+++wwwww", "n+-+wwwww");
    }

    function test_close() public {
        _row(Call.Close, "n+++++www", "n+-+++www");
    }

    function test_claim() public {
        _row(Call.Claim, "n++wwwwww", "n+-wwwwww");
    }

    function test_decline() public {
        _row(Call.Decline, "n++wwwwww", "n+-wwwwww");
    }

    function test_expire() public {
        _row(Call.Expire, "n++wwwwww", "n+-wwwwww");
    }

    function test_finalise() public {
        _row(Call.Finalise, "n+++++www", "n+-+++www");
    }

    function test_challenge() public {
        _row(Call.Challenge, "n+++++www", "n+-+++www");
    }

    function test_challengeLeaf() public {
        _row(Call.ChallengeLeaf, "ccc+ccccc", "cc-+ccccc");
    }

    function test_equivocate() public {
        _row(Call.Equivocate, "n+++++www", "n+-+++www");
    }

    function test_demand() public {
        _row(Call.Demand, "ccc+ccccc", "cc-+ccccc");
    }

    function test_demandAccepted() public {
        _row(Call.DemandAccepted, "n+++++wwo", "n+-+++wwo");
    }

    /// @dev One call in all states, of leases in general and of job leases, which cannot be Stopped.
    function _row(Call what, bytes memory general, bytes memory job) private {
        for (uint256 i; i <= uint256(type(LeaseStatus).max); ++i) {
            _cell(what, LeaseStatus(i), false, general[i]);
            if (job[i] != "-") _cell(what, LeaseStatus(i), true, job[i]);
        }
    }

    function _cell(Call what, LeaseStatus status, bool withJob, bytes1 expected) private {
        vm.warp(START);
        Deal memory deal = _reach(status, withJob);
        _wait(what, status, deal);
        bytes memory reason;
        try this.make(what, deal) {
            same(bytes32(expected), bytes32(bytes1("+")), "it happened");
            return;
        } catch (bytes memory data) {
            reason = data;
        }
        same(bytes32(bytes4(reason)), bytes32(_errorOf(expected)), "the error's selector");
        if (expected == "w") {
            same(reason, abi.encodeWithSelector(ILeases.WrongStatus.selector, deal.id, status), "its facts");
        }
        _checkStatus(deal, status);
    }

    /// @dev Waits until the clock stands in nothing's way.
    function _wait(Call what, LeaseStatus status, Deal memory deal) private {
        bool runs = status == LeaseStatus.Open || status == LeaseStatus.Stopped;
        uint256 claimBy = status == LeaseStatus.Stopped ? START + deal.terms.grace : _claimBy(deal);
        if (what == Call.Expire) vm.warp(claimBy);
        if (what == Call.Finalise) vm.warp(claimBy + deal.terms.window);
        if (what == Call.DemandAccepted && runs) vm.warp(claimBy);
    }

    /// @dev From outside, so that it can fail as a whole.
    function make(Call what, Deal calldata deal) external {
        if (what == Call.Stop) _stop(deal);
        if (what == Call.Redeem) leases.redeem(deal.terms, 1 ether, _voucher(deal, 1 ether));
        if (what == Call.Close) leases.close(_closing(deal, leases.leaseOf(deal.id).paid));
        if (what == Call.Claim) _claim(deal);
        if (what == Call.Decline) _decline(deal);
        if (what == Call.Expire) leases.expire(deal.terms);
        if (what == Call.Finalise) leases.finalise(deal.terms);
        if (what == Call.Challenge) _challenge(deal, challenger.addr, 0);
        if (what == Call.ChallengeLeaf) _challengeLeaf(deal);
        if (what == Call.Equivocate) _equivocate(deal);
        if (what == Call.Demand) _demand(deal, _defaultClaim(deal), 0);
        if (what == Call.DemandAccepted) _demandAccepted(deal);
    }

    function _challengeLeaf(Deal memory deal) private {
        Evidence memory evidence = _evidence(deal, 0);
        Claim memory claim = _defaultClaim(deal);
        Sibling[] memory path = Trees.path(_leaves(deal), 0);
        vm.prank(challenger.addr);
        disputes.challengeLeaf(deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, path);
    }

    function _demandAccepted(Deal memory deal) private {
        Ticket memory ticket = _ticket(deal, 0);
        bytes memory tickets = deal.terms.job == 0 ? _sign(taskerKey, _hash(ticket)) : bytes("");
        bytes memory acceptance = _acceptance(ticket);
        vm.prank(tasker.addr);
        demands.demandAccepted(deal.terms, ticket, tickets, acceptance);
    }

    function _errorOf(bytes1 cell) private pure returns (bytes4) {
        if (cell == "w") return ILeases.WrongStatus.selector;
        if (cell == "n") return IPapers.NoSuchLease.selector;
        if (cell == "c") return IPapers.NotTheClaim.selector;
        if (cell == "j") return ILeases.JobLeaseCannotStop.selector;
        if (cell == "o") return IDemands.OutsideDemandTime.selector;
        return 0;
    }
}
