// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IDemands} from "./interfaces/IDemands.sol";
import {Matter} from "./interfaces/IDocket.sol";
import {ILeaseBook} from "./interfaces/ILeaseBook.sol";
import {Guilt, ILeases} from "./interfaces/ILeases.sol";
import {ClaimTree} from "./libraries/ClaimTree.sol";
import {Commitment} from "./libraries/Commitment.sol";
import {Money} from "./libraries/Money.sol";
import {Papers} from "./libraries/Papers.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Times} from "./libraries/Times.sol";
import {Claim, Sibling} from "./types/Claim.sol";
import {Acceptance, Delivered, Ticket} from "./types/Documents.sol";
import {Evidence, Receipt} from "./types/Evidence.sol";
import {LeaseStatus} from "./types/Lease.sol";
import {Scheme} from "./types/Scheme.sol";
import {Terms} from "./types/Terms.sol";

/// @title Demands
contract Demands is IDemands {
    /// @dev One demand, kept as a tombstone: nothing is demanded twice.
    struct Demand {
        address asker;
        uint40 until;
        bool open;
    }

    /// @dev A store that waives delivery; nobody has its key.
    address private constant WAIVED = address(1);

    /// @notice The lease book, fixed at deployment.
    ILeaseBook public immutable leases;

    /// @inheritdoc IDemands
    mapping(bytes32 lease => mapping(uint32 index => Demand)) public demandOf;
    /// @inheritdoc IDemands
    mapping(bytes32 lease => mapping(bytes32 ticket => Demand)) public deliveryDemandOf;

    constructor(ILeaseBook leases_) {
        leases = leases_;
        if (leases_.demands() != address(this)) revert WrongDeployment(address(leases_));
    }

    /// @inheritdoc IDemands
    function demand(Terms calldata terms, Claim calldata claim, uint32 index) external {
        bytes32 id = terms.hash();
        _checkClaim(id, claim);
        if (index >= ClaimTree.places(claim.count)) revert NoSuchLeaf(id, index);
        uint256 claimedAt = Times.closedAt(terms, leases.slotOf(id));

        uint40 until = _ask(terms, id, demandOf[id][index], bytes32(uint256(index)), claimedAt, claimedAt);
        emit LeafDemanded(id, index, msg.sender, until);
        leases.enter(terms, Matter.Demand, msg.sender, terms.claimFee);
    }

    /// @inheritdoc IDemands
    function demandAccepted(
        Terms calldata terms,
        Ticket calldata ticket,
        bytes calldata ticketSignature,
        bytes calldata acceptanceSignature
    ) external {
        bytes32 id = terms.hash();
        bytes32 domain = leases.domainSeparator();
        bytes32 what = Papers.checkTicket(terms, id, domain, ticket, ticketSignature);
        bytes32 accepted = MessageHashUtils.toTypedDataHash(domain, Acceptance(what).hash());
        Signatures.check(terms.providerKey, accepted, acceptanceSignature);
        uint256 closedAt = Times.closedAt(terms, leases.slotOf(id));
        uint256 due = terms.job == 0 ? ticket.job.deadline : terms.end;

        uint40 until = _ask(terms, id, deliveryDemandOf[id][what], what, Math.min(due, closedAt), closedAt);
        emit DeliveryDemanded(id, what, ticket.index, msg.sender, until);
        leases.enter(terms, Matter.Demand, msg.sender, terms.claimFee);
    }

    /// @inheritdoc IDemands
    function answer(
        Terms calldata terms,
        Claim calldata claim,
        Evidence calldata evidence,
        Receipt calldata receipt,
        Sibling[] calldata path
    ) external {
        bytes32 id = terms.hash();
        (, bytes32 result) = _checkDelivered(terms, id, evidence, receipt);
        uint256 amount = Money.ofJob(terms, evidence.result.fuelUsed);
        _showLeaf(terms, id, claim, evidence.ticket.index, result, amount, path);
    }

    /// @inheritdoc IDemands
    function answerSkipped(Terms calldata terms, Claim calldata claim, uint32 index, Sibling[] calldata path) external {
        _showLeaf(terms, terms.hash(), claim, index, 0, 0, path);
    }

    /// @inheritdoc IDemands
    function answerAccepted(Terms calldata terms, Evidence calldata evidence, Receipt calldata receipt) external {
        bytes32 id = terms.hash();
        (bytes32 ticket, bytes32 result) = _checkDelivered(terms, id, evidence, receipt);
        LeaseStatus status = leases.slotOf(id).status();
        if (status > LeaseStatus.Unclaimed) revert ILeases.WrongStatus(id, status);

        address asker = _answer(id, deliveryDemandOf[id][ticket], ticket);
        emit DeliveryShown(id, ticket, result, msg.sender);
        leases.release(terms, Matter.Demand, asker, terms.claimFee, terms.provider);
    }

    /// @inheritdoc IDemands
    function lapse(Terms calldata terms, Scheme calldata scheme, uint32 index) external {
        bytes32 id = terms.hash();
        Papers.checkScheme(terms, scheme);

        (address asker, bool moot) = _lapse(id, demandOf[id][index], bytes32(uint256(index)));
        emit LeafLapsed(id, index, moot);
        if (moot) leases.release(terms, Matter.Demand, asker, terms.claimFee, asker);
        else leases.slash(terms, scheme, Guilt.LeafNotShown, asker, terms.claimFee);
    }

    /// @inheritdoc IDemands
    function lapseAccepted(Terms calldata terms, bytes32 ticket) external {
        bytes32 id = terms.hash();

        (address asker, bool moot) = _lapse(id, deliveryDemandOf[id][ticket], ticket);
        emit DeliveryLapsed(id, ticket, moot);
        if (moot) leases.release(terms, Matter.Demand, asker, terms.claimFee, asker);
        else leases.chargeLate(terms, asker, terms.claimFee);
    }

    /// @dev Shows the leaf of this result, or of a skipped ticket where `result` is 0.
    function _showLeaf(
        Terms calldata terms,
        bytes32 id,
        Claim calldata claim,
        uint32 index,
        bytes32 result,
        uint256 amount,
        Sibling[] calldata path
    ) private {
        _checkClaim(id, claim);
        bytes32 leaf = result == 0 ? bytes32(0) : ClaimTree.leaf(result, amount);
        // A claim ends with a result and no job earns more than the largest: so signed tickets bound how many places an
        // invented one can hide among, and what it can come to is what the collateral is sized for.
        bool shown = result != 0 || uint256(index) + 1 != claim.count;
        shown = shown && ClaimTree.plausible(path, Money.ofJob(terms, terms.maxFuel));
        if (!shown || !ClaimTree.holds(claim, index, leaf, amount, path)) revert NotInTheClaim(id, index);

        address asker = _answer(id, demandOf[id][index], bytes32(uint256(index)));
        emit LeafShown(id, index, result, msg.sender);
        // Not the sender's: an answer can be copied on its way.
        leases.release(terms, Matter.Demand, asker, terms.claimFee, terms.provider);
    }

    /// @dev Puts a demand down, from `from` through five eighths of the window: time for three rounds, each of which
    ///      waits a quarter for its answers, and an eighth is left to challenge what the last one shows.
    function _ask(Terms calldata terms, bytes32 id, Demand storage asked, bytes32 what, uint256 from, uint256 closedAt)
        private
        returns (uint40 until)
    {
        if (msg.sender != terms.tasker && msg.sender != terms.taskerKey) revert NotTheTasker(id, msg.sender);
        uint256 last = closedAt + uint256(terms.window) * 5 / 8;
        if (block.timestamp < from || block.timestamp >= last) revert OutsideDemandTime(id, from, last);
        if (asked.until != 0) revert AlreadyDemanded(id, what);

        until = uint40(block.timestamp + terms.window / 4);
        (asked.asker, asked.until, asked.open) = (msg.sender, until, true);
    }

    function _answer(bytes32 id, Demand storage asked, bytes32 what) private returns (address) {
        if (!asked.open) revert NoSuchDemand(id, what);
        if (block.timestamp >= asked.until) revert AnswerTooLate(id, what, asked.until);
        asked.open = false;
        return asked.asker;
    }

    /// @return asker who gets the fee back
    /// @return moot whether the lease ended by other means before
    function _lapse(bytes32 id, Demand storage asked, bytes32 what) private returns (address asker, bool moot) {
        if (!asked.open) revert NoSuchDemand(id, what);
        moot = leases.slotOf(id).status() > LeaseStatus.Unclaimed;
        if (!moot && block.timestamp < asked.until) revert NotLapsedYet(id, what, asked.until);
        asked.open = false;
        return (asked.asker, moot);
    }

    function _checkClaim(bytes32 id, Claim calldata claim) private view {
        if (claim.hash() != leases.claimOf(id)) revert NotTheClaim(id);
    }

    /// @dev Checks the papers of a result and that its output was delivered.
    function _checkDelivered(Terms calldata terms, bytes32 id, Evidence calldata evidence, Receipt calldata receipt)
        private
        returns (bytes32 ticket, bytes32 result)
    {
        bytes32 domain = leases.domainSeparator();
        (ticket, result) = Papers.check(terms, id, domain, evidence);
        if (evidence.result.fuelUsed > evidence.ticket.job.fuel) revert WrongEvidence(id);
        if (terms.store == WAIVED) return (ticket, result);

        bytes32 output = evidence.result.output;
        if (receipt.signature.length != 0) {
            bytes32 digest = MessageHashUtils.toTypedDataHash(domain, Delivered(ticket, output).hash());
            (address signer,,) = ECDSA.tryRecoverCalldata(digest, receipt.signature);
            bool received = signer != address(0) && (signer == terms.taskerKey || signer == terms.store);
            if (!received) revert NotDelivered(id, output);
        } else {
            bool shown = receipt.output.length <= Commitment.MOST && Commitment.commit(receipt.output) == output;
            if (!shown) revert NotDelivered(id, output);
            emit OutputShown(id, ticket, receipt.output);
        }
    }
}
