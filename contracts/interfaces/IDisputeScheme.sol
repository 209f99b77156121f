// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Job} from "../types/Job.sol";
import {Result} from "../types/Documents.sol";
import {Scheme} from "../types/Scheme.sol";

/// @notice What a scheme is told about a case. It knows the receiver of its verdict, never the leases.
struct Case {
    bytes32 id;
    bytes32 lease;
    uint32 index;
    Job job;
    Result result; // the one contested
    Scheme scheme;
    address challenger;
    address provider;
    address providerKey; // acts for it, too
    uint40 ruleBy; // from then on no verdict counts
}

/// @notice Guilty: the result is wrong. Clean: it is right.
enum Verdict {
    None,
    Guilty,
    Clean
}

interface IVerdictReceiver {
    /// @notice Takes the verdict of the scheme that the case was opened with, once, before ruleBy.
    function rule(bytes32 caseId, Verdict verdict) external;
}

/// @title One way to find out whether a result is right
/// @notice A scheme may ask an arbiter, whose fee the leaf fixes and the loser pays. Where the leaf names none, nobody gets
///         a fee, neither of a slash nor of a bond: then it is only the least bond with which a lease may open, so that
///         a lost challenge pays for the defence.
interface IDisputeScheme {
    /// @notice A case was opened by the caller, to which the verdict goes.
    function open(Case calldata facts) external;
}
