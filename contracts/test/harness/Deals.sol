// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Closing} from "../../types/Closing.sol";
import {Dispute} from "../../types/Dispute.sol";
import {
    AcceptanceHash,
    CloseHash,
    DeliveredHash,
    Result,
    ResultHash,
    Ticket,
    TicketHash,
    VoucherHash
} from "../../types/Documents.sol";
import {Evidence, Receipt} from "../../types/Evidence.sol";
import {Lease, LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Terms} from "../../types/Terms.sol";
import {Party} from "./Market.sol";
import {Orders} from "./Orders.sol";
import {Trees} from "./Trees.sol";

/// @notice An open lease as a test holds it.
struct Deal {
    Terms terms;
    bytes32 id;
    Scheme scheme;
}

/// @notice Leases brought to wherever a test wants them, and the papers that are signed in them.
abstract contract Deals is Orders {
    bytes internal constant OUTPUT = "the output";
    /// @dev How many results a default claim has; the place after them is padding.
    uint32 internal constant RESULTS = 3;

    // ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A lease of all that the default bid asks for.
    function _open() internal returns (Deal memory) {
        Bid memory bid = _bid();
        return _open(_pair(_ask(), bid, 0, bid.fuel));
    }

    /// @dev The first attempt of a bid that carries a job.
    function _openJob() internal returns (Deal memory) {
        Bid memory bid = _jobBid();
        return _open(_pair(_ask(), bid, 0, bid.fuel));
    }

    function _open(Match memory pair) internal returns (Deal memory deal) {
        deal = _dealOf(pair);
        same(leases.open(pair), deal.id, "the lease is the hash of its terms");
    }

    function _dealOf(Match memory pair) internal view returns (Deal memory deal) {
        deal.terms = _termsOf(pair);
        deal.id = _hash(deal.terms);
        deal.scheme = pair.scheme;
    }

    // ── where it stands ─────────────────────────────────────────────────────────────────────────────────────────

    function _status(Deal memory deal) internal view returns (LeaseStatus) {
        return leases.leaseOf(deal.id).status;
    }

    function _checkStatus(Deal memory deal, LeaseStatus expected) internal view {
        same(uint256(_status(deal)), uint256(expected), "status");
    }

    function _claimBy(Deal memory deal) internal pure returns (uint256) {
        return uint256(deal.terms.end) + deal.terms.grace;
    }

    /// @dev When a lease that was claimed, declined or not claimed is over.
    function _over(Deal memory deal) internal view returns (uint256) {
        return uint256(deal.terms.openedAt) + leases.leaseOf(deal.id).closedAfter + deal.terms.window;
    }

    /// @dev Takes a lease that is open to `status` by the shortest way. `None` takes one that never opened.
    function _reach(LeaseStatus status, bool withJob) internal returns (Deal memory deal) {
        if (status == LeaseStatus.None) {
            Bid memory bid = withJob ? _jobBid() : _bid();
            return _dealOf(_pair(_ask(), bid, 0, bid.fuel));
        }
        deal = withJob ? _openJob() : _open();
        if (status == LeaseStatus.Stopped) _stop(deal);
        if (status == LeaseStatus.Claimed) _claim(deal);
        if (status == LeaseStatus.Declined) _decline(deal);
        if (status == LeaseStatus.Unclaimed) _expire(deal);
        if (status == LeaseStatus.Slashed) _equivocate(deal);
        if (status == LeaseStatus.Closed) leases.close(_closing(deal, 1 ether));
        if (status == LeaseStatus.Final) {
            vm.warp(_claimBy(deal) + deal.terms.window);
            leases.finalise(deal.terms);
        }
        _checkStatus(deal, status);
    }

    // ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

    function _stop(Deal memory deal) internal {
        vm.prank(tasker.addr);
        leases.stop(deal.terms);
    }

    /// @dev Claims the default results.
    function _claim(Deal memory deal) internal returns (Claim memory claim) {
        claim = _defaultClaim(deal);
        vm.prank(providerKey.addr);
        leases.claim(deal.terms, claim);
    }

    function _decline(Deal memory deal) internal {
        vm.prank(provider.addr);
        leases.decline(deal.terms, "busy");
    }

    function _expire(Deal memory deal) internal {
        vm.warp(_claimBy(deal));
        leases.expire(deal.terms);
    }

    function _equivocate(Deal memory deal) internal {
        Evidence memory evidence = _evidence(deal, 0);
        Result memory other = evidence.result;
        other = Result(other.ticket, 1, other.fuelUsed, other.output);
        bytes memory signature = _sign(providerKey, _hash(other));
        vm.prank(challenger.addr);
        disputes.equivocate(deal.terms, deal.scheme, evidence, other, signature);
    }

    function _challenge(Deal memory deal, address by, uint32 index) internal returns (Dispute memory dispute) {
        Evidence memory evidence = _evidence(deal, index);
        uint256 open = leases.leaseOf(deal.id).disputes;
        dispute = Dispute({
            lease: deal.id,
            index: index,
            result: _hash(evidence.result),
            challenger: by,
            bond: uint96(deal.terms.bond * (open + 1)),
            amount: uint96(_earned(deal, evidence.result.fuelUsed)),
            openedAt: uint40(block.timestamp)
        });
        vm.prank(by);
        bytes32 caseId = disputes.challenge(deal.terms, deal.scheme, evidence);
        same(caseId, _idOf(dispute), "the case is the hash of its dispute");
    }

    function _rule(Dispute memory dispute, Verdict verdict) internal {
        vm.prank(arbiter.addr);
        arbiters.rule(address(disputes), _idOf(dispute), verdict, "");
    }

    function _demand(Deal memory deal, Claim memory claim, uint32 index) internal {
        vm.prank(tasker.addr);
        demands.demand(deal.terms, claim, index);
    }

    // ── papers ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The ticket at `index` with its result, both signed.
    function _evidence(Deal memory deal, uint32 index) internal view returns (Evidence memory evidence) {
        evidence.ticket = _ticket(deal, index);
        if (deal.terms.job == 0) evidence.ticketSignature = _sign(taskerKey, _hash(evidence.ticket));
        evidence.result = _result(evidence.ticket);
        evidence.resultSignature = _sign(providerKey, _hash(evidence.result));
    }

    function _ticket(Deal memory deal, uint32 index) internal pure returns (Ticket memory ticket) {
        (ticket.lease, ticket.index, ticket.job) = (deal.id, index, _job());
    }

    function _result(Ticket memory ticket) internal pure returns (Result memory) {
        return Result(_hash(ticket), 0, 1_234_567_891 + ticket.index, _commit(OUTPUT));
    }

    function _closing(Deal memory deal, uint96 owed) internal view returns (Closing memory closing) {
        closing.terms = deal.terms;
        closing.owed = owed;
        closing.until = uint40(block.timestamp + 1 hours);
        bytes32 hash = keccak256(abi.encode(CloseHash.TYPEHASH, deal.id, owed, closing.until));
        closing.taskerSignature = _sign(taskerKey, hash);
        closing.providerSignature = _sign(providerKey, hash);
    }

    function _voucher(Deal memory deal, uint96 owed) internal view returns (bytes memory) {
        return _sign(taskerKey, keccak256(abi.encode(VoucherHash.TYPEHASH, deal.id, owed)));
    }

    function _acceptance(Ticket memory ticket) internal view returns (bytes memory) {
        return _sign(providerKey, keccak256(abi.encode(AcceptanceHash.TYPEHASH, _hash(ticket))));
    }

    /// @dev A receipt for the output of this evidence, signed by `by`.
    function _receipt(Party memory by, Evidence memory evidence) internal view returns (Receipt memory receipt) {
        receipt.signature =
            _sign(by, keccak256(abi.encode(DeliveredHash.TYPEHASH, _hash(evidence.ticket), evidence.result.output)));
    }

    function _defaultClaim(Deal memory deal) internal pure returns (Claim memory) {
        return Trees.claim(_leaves(deal));
    }

    /// @dev The leaves of the default claim; in a job lease there is one.
    function _leaves(Deal memory deal) internal pure returns (Sibling[] memory leaves) {
        leaves = new Sibling[](deal.terms.job == 0 ? RESULTS : 1);
        for (uint32 i; i < leaves.length; ++i) {
            Result memory result = _result(_ticket(deal, i));
            leaves[i] = Trees.leaf(_hash(result), _earned(deal, result.fuelUsed));
        }
    }

    // ── hashes and amounts ──────────────────────────────────────────────────────────────────────────────────────

    function _earned(Deal memory deal, uint64 fuelUsed) internal pure returns (uint256) {
        return uint256(deal.terms.price) * (uint256(fuelUsed) + deal.terms.jobFuel) / GIGAFUEL;
    }

    function _idOf(Dispute memory dispute) internal pure returns (bytes32) {
        return keccak256(abi.encode(dispute));
    }

    function _hash(Ticket memory ticket) internal pure returns (bytes32) {
        return keccak256(abi.encode(TicketHash.TYPEHASH, ticket.lease, ticket.index, _hash(ticket.job)));
    }

    function _hash(Result memory result) internal pure returns (bytes32) {
        return keccak256(abi.encode(ResultHash.TYPEHASH, result));
    }

    /// @dev The commitment to at most 32 bytes, whose tree is one leaf.
    function _commit(bytes memory data) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("millrace.data.v1"), data.length, bytes32(data)));
    }
}
