// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Case, IDisputeScheme, Verdict} from "./IDisputeScheme.sol";

/// @title An arbiter rules
/// @notice The arbiter named in the scheme's leaf runs the job again and rules. It publishes how it works and what
///         it charges, for parties to read before they sign; a lease's own fee is fixed in its leaf.
interface IArbiterScheme is IDisputeScheme {
    /// @notice `arbiter` has a case from `receiver`, with all that it needs to run the job again.
    event CaseOpened(address indexed receiver, bytes32 indexed caseId, address indexed arbiter, Case facts);
    /// @notice `arbiter` ruled, for `reason` (its own words or their hash, as its policy says).
    event CaseRuled(
        address indexed receiver, bytes32 indexed caseId, address indexed arbiter, Verdict verdict, bytes reason
    );
    /// @notice `arbiter` published its policy.
    event PolicyPublished(address indexed arbiter, string uri, bytes32 hash);
    /// @notice `arbiter` wants at least `fee` of `token` a case. For whoever quotes: no case is refused for it.
    event LeastFeePublished(address indexed arbiter, address indexed token, uint96 fee);

    /// @notice The leaf names no arbiter.
    error NoArbiter(bytes32 caseId);
    /// @notice This receiver opened the case before.
    error CaseKnown(address receiver, bytes32 caseId);
    /// @notice Only `arbiter` may rule this case.
    error NotTheArbiter(bytes32 caseId, address arbiter, address caller);

    /// @notice Rules a case and tells its receiver. The case's arbiter only; the receiver takes one verdict.
    function rule(address receiver, bytes32 caseId, Verdict verdict, bytes calldata reason) external;

    /// @notice Publishes where the caller's policy is and the hash of its bytes.
    function publishPolicy(string calldata uri, bytes32 hash) external;

    /// @notice Publishes the least fee for which the caller takes cases in `token`.
    function publishLeastFee(address token, uint96 fee) external;

    /// @notice Where `arbiter`'s policy is, and the hash of its bytes.
    function policyOf(address arbiter) external view returns (string memory uri, bytes32 hash);

    /// @notice The least fee of `arbiter` in `token`.
    function leastFeeOf(address arbiter, address token) external view returns (uint96);

    /// @notice Who rules a case of `receiver`; 0 where there is none.
    function arbiterOf(address receiver, bytes32 caseId) external view returns (address);
}
