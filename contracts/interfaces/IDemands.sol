// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim, Sibling} from "../types/Claim.sol";
import {Result, Ticket} from "../types/Documents.sol";
import {Evidence, Receipt} from "../types/Evidence.sol";
import {Scheme} from "../types/Scheme.sol";
import {Terms} from "../types/Terms.sol";
import {IPapers} from "./IPapers.sol";

/// @title Demands: show what you claim, deliver what you accepted
/// @notice A demand is answered within a quarter of the window, by anyone who has the papers, or it lapses. It
///         costs its asker terms.claimFee from its free balance, which an answer by anyone earns the provider; if it
///         lapses it comes back. At most 16 are open at a time, and each leaf and each ticket is answered at most
///         once.
///
/// Every answer shows with its path the sums beside it. Who knows its tickets walks them down to an invented one:
/// three rounds of 16 leaves find it among 2^14 places for certain.
///
/// Delivered means: a receipt signed by the tasker's key or the terms' store, or the output's bytes in the answer,
/// or terms.store is address(1), by which the bid waived delivery.
interface IDemands is IPapers {
    /// @notice The tasker wants to see the claim's leaf at `index`, shown before `until`.
    event LeafDemanded(bytes32 indexed lease, uint32 indexed index, address asker, uint40 until);
    /// @notice The tasker wants the result of an accepted ticket (struct hash), delivered before `until`.
    event DeliveryDemanded(bytes32 indexed lease, bytes32 indexed ticket, uint32 index, address asker, uint40 until);
    /// @notice The leaf was shown. `result` is the struct hash of its Result, 0 for a skipped ticket.
    event LeafShown(bytes32 indexed lease, uint32 indexed index, bytes32 result, address answerer);
    /// @notice The accepted ticket's result was shown and delivered.
    event DeliveryShown(bytes32 indexed lease, bytes32 indexed ticket, bytes32 result, address answerer);
    /// @notice Nobody showed the leaf in time (then the lease was slashed), or the lease ended before (then it is
    ///         moot).
    event LeafLapsed(bytes32 indexed lease, uint32 indexed index, bool moot);
    /// @notice Nobody delivered in time (then the late fee was paid), or the lease ended before (then it is moot).
    event DeliveryLapsed(bytes32 indexed lease, bytes32 indexed ticket, bool moot);
    /// @notice An output shown on chain, for whoever asked.
    event OutputShown(bytes32 indexed lease, bytes32 indexed ticket, bytes output);

    /// @notice Only the tasker or its key may demand.
    error NotTheTasker(bytes32 lease, address caller);
    /// @notice Demands may come from `from` and before `until`.
    error OutsideDemandTime(bytes32 lease, uint256 from, uint256 until);
    /// @notice The claim has no place at `index`.
    error NoSuchLeaf(bytes32 lease, uint32 index);
    /// @notice This was demanded before. Here and below `what` is a leaf's index or a ticket's struct hash.
    error AlreadyDemanded(bytes32 lease, bytes32 what);
    /// @notice No such demand is open.
    error NoSuchDemand(bytes32 lease, bytes32 what);
    /// @notice It could be answered before `until`.
    error AnswerTooLate(bytes32 lease, bytes32 what, uint40 until);
    /// @notice It can be answered before `until`, and lapses then.
    error NotLapsedYet(bytes32 lease, bytes32 what, uint40 until);
    /// @notice Neither the tasker's key nor the store signed the receipt, and the bytes shown are not the output.
    error NotDelivered(bytes32 lease, bytes32 output);

    /// @notice Demands to see the leaf at `index` of the lease's claim. The tasker or its key, in the first five
    ///         eighths of the window.
    function demand(Terms calldata terms, Claim calldata claim, uint32 index) external;

    /// @notice Demands the result of a ticket that the provider accepted. The tasker or its key, from the ticket's
    ///         deadline (a job lease's end; at the latest when the lease was claimed or declined) through the
    ///         first five eighths of the window.
    function demandAccepted(
        Terms calldata terms,
        Ticket calldata ticket,
        bytes calldata ticketSignature,
        bytes calldata acceptanceSignature
    ) external;

    /// @notice Shows a leaf: signed ticket, signed result, receipt and path. Anyone.
    function answer(
        Terms calldata terms,
        Claim calldata claim,
        Evidence calldata evidence,
        Receipt calldata receipt,
        Sibling[] calldata path
    ) external;

    /// @notice Shows that the ticket at `index` was skipped: a zero leaf stands there. Anyone. The last place in use
    ///         is never a skipped one: a claim is no longer than the tickets that its tasker signed.
    function answerSkipped(Terms calldata terms, Claim calldata claim, uint32 index, Sibling[] calldata path) external;

    /// @notice Shows the delivered result of an accepted ticket. Anyone, while the lease is live.
    function answerAccepted(Terms calldata terms, Evidence calldata evidence, Receipt calldata receipt) external;

    /// @notice Ends a demand for a leaf that nobody answered in time: the lease is slashed, the asker is the
    ///         winner; while a dispute is open its share burns instead. After the lease's end by other means it only returns the fee. Anyone.
    function lapse(Terms calldata terms, Scheme calldata scheme, uint32 index) external;

    /// @notice Ends a demand for an accepted ticket that nobody answered in time: the late fee goes from the
    ///         collateral to the tasker, at most half of it by all fees together. Reverts StillContested while a
    ///         dispute is open. After the lease's end by other means it only returns the fee. Anyone.
    /// @param ticket struct hash of the Ticket
    function lapseAccepted(Terms calldata terms, bytes32 ticket) external;

    /// @notice A demand for a leaf: who asked, until when it can be answered (0 if nobody asked), and whether it
    ///         is open.
    function demandOf(bytes32 lease, uint32 index) external view returns (address asker, uint40 until, bool open);

    /// @notice The same for an accepted ticket, by its struct hash.
    function deliveryDemandOf(bytes32 lease, bytes32 ticket)
        external
        view
        returns (address asker, uint40 until, bool open);
}
