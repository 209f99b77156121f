// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim, Sibling} from "../types/Claim.sol";
import {Dispute} from "../types/Dispute.sol";
import {Result, Ticket} from "../types/Documents.sol";
import {Evidence} from "../types/Evidence.sol";
import {Scheme} from "../types/Scheme.sol";
import {Terms} from "../types/Terms.sol";
import {IVerdictReceiver, Verdict} from "./IDisputeScheme.sol";
import {IPapers} from "./IPapers.sol";

/// @notice How a case ended.
enum Outcome {
    Guilty, // lease slashed, bond back with a share
    Clean, // bond forfeited
    TimedOut, // job not paid, bond back
    Moot // the lease ended otherwise, bond back, less the arbiter's fee where it was closed over a guilty verdict
}

/// @title Disputes over single results
/// @notice Opens a case on evidence and a bond, asks the lease's scheme, and applies one verdict once. A verdict is
///         recorded by `rule` and takes effect by `settle`, which anyone may call: what the scheme does can never
///         fail for the sake of money, and the chain keeps one slot for a case.
interface IDisputes is IVerdictReceiver, IPapers {
    /// @notice A case was opened. The Dispute follows from these: openedAt = ruleBy − terms.disputeLimit.
    event DisputeOpened(
        bytes32 indexed caseId,
        bytes32 indexed lease,
        address indexed challenger,
        uint32 index,
        bytes32 result,
        uint96 bond,
        uint96 amount,
        uint40 ruleBy
    );
    /// @notice The scheme ruled. Anyone may now `settle`.
    event Ruled(bytes32 indexed caseId, Verdict verdict);
    /// @notice The case is over and its bond is dealt with.
    event DisputeSettled(bytes32 indexed caseId, bytes32 indexed lease, Outcome outcome);

    /// @notice No such case, or it is settled.
    error NoSuchCase(bytes32 caseId);
    /// @notice The same challenger opened the same case in this very block.
    error CaseExists(bytes32 caseId);
    /// @notice Only `scheme` may rule this case.
    error NotTheCasesScheme(bytes32 caseId, address scheme, address caller);
    /// @notice A verdict must say Guilty or Clean.
    error NoVerdict(bytes32 caseId);
    /// @notice The case was ruled already.
    error AlreadyRuled(bytes32 caseId, Verdict verdict);
    /// @notice The scheme had until `ruleBy`.
    error RuledTooLate(bytes32 caseId, uint40 ruleBy);
    /// @notice Not ruled yet; from `ruleBy` on, `timeout` ends it.
    error NotRuledYet(bytes32 caseId, uint40 ruleBy);
    /// @notice The two results are the same.
    error NoContradiction(bytes32 result);

    /// @notice Contests a signed result of a signed ticket. Anyone, before the lease is over, with a bond from the
    ///         caller's free balance: terms.bond · (1 + the lease's open disputes).
    /// @dev A scheme that reverts in `open` undoes the challenge as a whole: nothing stays locked.
    function challenge(Terms calldata terms, Scheme calldata scheme, Evidence calldata evidence)
        external
        returns (bytes32 caseId);

    /// @notice Contests a result that stands in the lease's claim, signed or not.
    function challengeLeaf(
        Terms calldata terms,
        Scheme calldata scheme,
        Claim calldata claim,
        Ticket calldata ticket,
        Result calldata result,
        Sibling[] calldata path
    ) external returns (bytes32 caseId);

    /// @notice Slashes at once for two different signed results of one signed ticket. The caller is the winner; while
    ///         a dispute is open its share burns instead.
    /// @param first the ticket with one result
    /// @param second the other result
    function equivocate(
        Terms calldata terms,
        Scheme calldata scheme,
        Evidence calldata first,
        Result calldata second,
        bytes calldata secondSignature
    ) external;

    /// @notice Applies a verdict, or gives the bond back where the lease was slashed or closed meanwhile. Anyone.
    ///         Guilty: slash, bond back and the winner's share. Clean: the bond pays the arbiter, a fifth of the
    ///         rest is burned, and the provider has what is left; so too where the lease was closed after the
    ///         verdict. Closed after guilty: the bond pays the arbiter, the rest comes back. What is ruled in the
    ///         second of the close or later counts for nothing.
    function settle(Terms calldata terms, Scheme calldata scheme, Dispute calldata dispute) external;

    /// @notice Ends a case that nobody ruled, from its ruleBy. Anyone. The job is void: not paid now nor by a
    ///         later claim; the collateral is untouched, the bond goes back, no arbiter's fee.
    function timeout(Terms calldata terms, Dispute calldata dispute) external;

    /// @notice The slot of a case: who may rule it, until when, what was ruled, and when.
    function caseOf(bytes32 caseId)
        external
        view
        returns (address scheme, uint40 ruleBy, Verdict verdict, uint40 ruledAt);

    /// @notice Open disputes of a lease by others than its tasker.
    function thirdPartyDisputes(bytes32 lease) external view returns (uint256);

    /// @notice Whether a dispute over this ticket ran out of time.
    function isVoid(bytes32 lease, uint32 index) external view returns (bool);
}
