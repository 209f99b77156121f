// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Case, IDisputeScheme, IVerdictReceiver, Verdict} from "./interfaces/IDisputeScheme.sol";
import {IDisputes, Outcome} from "./interfaces/IDisputes.sol";
import {Matter} from "./interfaces/IDocket.sol";
import {ILeaseBook} from "./interfaces/ILeaseBook.sol";
import {Guilt, ILeases} from "./interfaces/ILeases.sol";
import {ClaimTree} from "./libraries/ClaimTree.sol";
import {Money} from "./libraries/Money.sol";
import {Papers} from "./libraries/Papers.sol";
import {Times} from "./libraries/Times.sol";
import {Claim, Sibling} from "./types/Claim.sol";
import {Dispute} from "./types/Dispute.sol";
import {Result, Ticket} from "./types/Documents.sol";
import {Evidence} from "./types/Evidence.sol";
import {LeaseSlot, LeaseStatus} from "./types/Lease.sol";
import {Scheme} from "./types/Scheme.sol";
import {Terms} from "./types/Terms.sol";

/// @title Disputes
contract Disputes is IDisputes {
    using BitMaps for BitMaps.BitMap;

    struct Open {
        address scheme;
        uint40 ruleBy;
        Verdict verdict;
        uint40 ruledAt;
    }

    /// @notice The lease book, fixed at deployment.
    ILeaseBook public immutable leases;

    /// @inheritdoc IDisputes
    mapping(bytes32 caseId => Open) public caseOf;
    /// @inheritdoc IDisputes
    mapping(bytes32 lease => uint256) public thirdPartyDisputes;

    mapping(bytes32 lease => BitMaps.BitMap) private _void;

    constructor(ILeaseBook leases_) {
        leases = leases_;
        if (leases_.disputes() != address(this)) revert WrongDeployment(address(leases_));
    }

    /// @inheritdoc IDisputes
    function challenge(Terms calldata terms, Scheme calldata scheme, Evidence calldata evidence)
        external
        returns (bytes32 caseId)
    {
        bytes32 lease = terms.hash();
        Papers.check(terms, lease, leases.domainSeparator(), evidence);
        return _open(terms, scheme, lease, evidence.ticket, evidence.result);
    }

    /// @inheritdoc IDisputes
    function challengeLeaf(
        Terms calldata terms,
        Scheme calldata scheme,
        Claim calldata claim,
        Ticket calldata ticket,
        Result calldata result,
        Sibling[] calldata path
    ) external returns (bytes32 caseId) {
        bytes32 lease = terms.hash();
        if (result.ticket != Papers.ticketOf(terms, lease, ticket)) revert WrongEvidence(lease);
        if (claim.hash() != leases.claimOf(lease)) revert NotTheClaim(lease);
        uint256 amount = Money.ofJob(terms, result.fuelUsed);
        if (!ClaimTree.holds(claim, ticket.index, ClaimTree.leaf(result.hash(), amount), amount, path)) {
            revert NotInTheClaim(lease, ticket.index);
        }
        return _open(terms, scheme, lease, ticket, result);
    }

    /// @inheritdoc IDisputes
    function equivocate(
        Terms calldata terms,
        Scheme calldata scheme,
        Evidence calldata first,
        Result calldata second,
        bytes calldata secondSignature
    ) external {
        bytes32 lease = terms.hash();
        bytes32 domain = leases.domainSeparator();
        Papers.checkScheme(terms, scheme);
        (bytes32 ticket, bytes32 result) = Papers.check(terms, lease, domain, first);
        if (Papers.checkResult(terms, lease, domain, ticket, second, secondSignature) == result) {
            revert NoContradiction(result);
        }
        _contestable(terms, lease);

        leases.slash(terms, scheme, Guilt.Equivocation, msg.sender, 0);
    }

    /// @inheritdoc IVerdictReceiver
    function rule(bytes32 caseId, Verdict verdict) external {
        Open storage opened = caseOf[caseId];
        (address scheme, uint40 ruleBy) = (opened.scheme, opened.ruleBy);
        if (scheme == address(0)) revert NoSuchCase(caseId);
        if (msg.sender != scheme) revert NotTheCasesScheme(caseId, scheme, msg.sender);
        if (verdict == Verdict.None) revert NoVerdict(caseId);
        if (opened.verdict != Verdict.None) revert AlreadyRuled(caseId, opened.verdict);
        if (block.timestamp >= ruleBy) revert RuledTooLate(caseId, ruleBy);

        (opened.verdict, opened.ruledAt) = (verdict, uint40(block.timestamp));
        emit Ruled(caseId, verdict);
    }

    /// @inheritdoc IDisputes
    function settle(Terms calldata terms, Scheme calldata scheme, Dispute calldata dispute) external {
        (bytes32 caseId, Open memory opened, LeaseSlot lease) = _find(terms, dispute);
        Papers.checkScheme(terms, scheme);
        LeaseStatus status = lease.status();
        Verdict verdict = opened.verdict;
        // Both parties' close ends the case, and only a verdict that was there before it counts. Another's guilt
        // makes it moot whatever was ruled.
        bool closed = status == LeaseStatus.Closed;
        bool counts = closed ? opened.ruledAt < Times.closedAt(terms, lease) : status != LeaseStatus.Slashed;
        if (!counts) verdict = Verdict.None;
        if (verdict == Verdict.None && status <= LeaseStatus.Unclaimed) revert NotRuledYet(caseId, opened.ruleBy);
        bool slashes = verdict == Verdict.Guilty && !closed;

        _end(terms, dispute, caseId, slashes ? Outcome.Guilty : verdict == Verdict.Clean ? Outcome.Clean : Outcome.Moot);
        if (slashes) {
            leases.slash(terms, scheme, Guilt.Verdict, dispute.challenger, dispute.bond);
        } else if (verdict != Verdict.None) {
            leases.forfeit(terms, scheme, dispute.challenger, dispute.bond, verdict == Verdict.Clean);
        } else {
            leases.release(terms, Matter.Dispute, dispute.challenger, dispute.bond, dispute.challenger);
        }
    }

    /// @inheritdoc IDisputes
    function timeout(Terms calldata terms, Dispute calldata dispute) external {
        (bytes32 caseId, Open memory opened, LeaseSlot lease) = _find(terms, dispute);
        if (opened.verdict != Verdict.None) revert AlreadyRuled(caseId, opened.verdict);
        bool moot = lease.status() > LeaseStatus.Unclaimed;
        if (!moot && block.timestamp < opened.ruleBy) revert NotRuledYet(caseId, opened.ruleBy);
        bool voids = !moot && !_void[dispute.lease].get(dispute.index);

        _end(terms, dispute, caseId, moot ? Outcome.Moot : Outcome.TimedOut);
        if (voids) {
            _void[dispute.lease].set(dispute.index);
            leases.voidJob(terms, dispute.challenger, dispute.bond, dispute.amount);
        } else {
            leases.release(terms, Matter.Dispute, dispute.challenger, dispute.bond, dispute.challenger);
        }
    }

    /// @inheritdoc IDisputes
    function isVoid(bytes32 lease, uint32 index) external view returns (bool) {
        return _void[lease].get(index);
    }

    /// @dev Opens a case on evidence that was checked, and asks the scheme last: it is somebody else's code.
    function _open(
        Terms calldata terms,
        Scheme calldata scheme,
        bytes32 lease,
        Ticket calldata ticket,
        Result calldata result
    ) private returns (bytes32 caseId) {
        Papers.checkScheme(terms, scheme);
        Dispute memory dispute = Dispute({
            lease: lease,
            index: ticket.index,
            result: result.hash(),
            challenger: msg.sender,
            bond: SafeCast.toUint96(terms.bond * (1 + uint256(_contestable(terms, lease).disputes()))),
            amount: uint96(Math.min(Money.ofJob(terms, result.fuelUsed), type(uint96).max)),
            openedAt: uint40(block.timestamp)
        });
        caseId = dispute.id();
        if (caseOf[caseId].scheme != address(0)) revert CaseExists(caseId);
        uint40 ruleBy = dispute.openedAt + terms.disputeLimit;

        caseOf[caseId] = Open(scheme.scheme, ruleBy, Verdict.None, 0);
        if (_isThirdParty(terms, msg.sender)) ++thirdPartyDisputes[lease];
        emit DisputeOpened(
            caseId, lease, msg.sender, ticket.index, dispute.result, dispute.bond, dispute.amount, ruleBy
        );

        leases.enter(terms, Matter.Dispute, msg.sender, dispute.bond);
        Case memory facts = Case({
            id: caseId,
            lease: lease,
            index: ticket.index,
            job: ticket.job,
            result: result,
            scheme: scheme,
            challenger: msg.sender,
            provider: terms.provider,
            providerKey: terms.providerKey,
            ruleBy: ruleBy
        });
        IDisputeScheme(scheme.scheme).open(facts);
    }

    /// @dev The open case of this dispute, and where its lease stands.
    function _find(Terms calldata terms, Dispute calldata dispute)
        private
        view
        returns (bytes32 caseId, Open memory opened, LeaseSlot lease)
    {
        caseId = dispute.id();
        opened = caseOf[caseId];
        if (opened.scheme == address(0)) revert NoSuchCase(caseId);
        if (dispute.lease != terms.hash()) revert WrongEvidence(dispute.lease);
        lease = leases.slotOf(dispute.lease);
    }

    function _end(Terms calldata terms, Dispute calldata dispute, bytes32 caseId, Outcome outcome) private {
        delete caseOf[caseId];
        if (_isThirdParty(terms, dispute.challenger)) --thirdPartyDisputes[dispute.lease];
        emit DisputeSettled(caseId, dispute.lease, outcome);
    }

    /// @dev The lease, of which results may still be contested.
    function _contestable(Terms calldata terms, bytes32 id) private view returns (LeaseSlot lease) {
        lease = leases.slotOf(id);
        if (lease.status() == LeaseStatus.None) revert NoSuchLease(id);
        if (lease.status() > LeaseStatus.Unclaimed) revert ILeases.WrongStatus(id, lease.status());
        uint256 over = Times.over(terms, lease);
        if (block.timestamp >= over) revert ILeases.TooLate(id, over);
    }

    function _isThirdParty(Terms calldata terms, address challenger) private pure returns (bool) {
        return challenger != terms.tasker && challenger != terms.taskerKey;
    }
}
