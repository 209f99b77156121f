// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Ask} from "./Ask.sol";
import {Bid} from "./Bid.sol";
import {Scheme} from "./Scheme.sol";
import {Terms} from "./Terms.sol";

/// @notice A pair of signed orders and how they meet.
struct Match {
    Ask ask;
    bytes askSignature;
    Bid bid;
    bytes bidSignature;
    uint64 seq; // expected: the bid's filled amount, or the attempt's number
    uint64 fuel; // of the lease
    bool bidIsMaker; // otherwise the ask is
    Scheme scheme;
    bytes32[] schemeProof;
    Terms[] previous; // for a later attempt: the terms of the one before, else empty
}
