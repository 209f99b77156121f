// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Terms} from "./Terms.sol";

/// @notice A lease to end by two signatures over Close.
struct Closing {
    Terms terms;
    uint96 owed;
    uint40 until;
    bytes taskerSignature;
    bytes providerSignature;
}
