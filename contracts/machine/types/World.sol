// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Sizes} from "./Sizes.sol";

/// @notice The part of a state that most instructions do not see.
struct World {
    Sizes sizes;
    bytes32 memory_; // roots of regions
    bytes32 slots;
    bytes32 input; // the commitment
    bytes32 output;
}

using WorldHash for World global;

library WorldHash {
    function hash(World memory world) internal pure returns (bytes32) {
        return keccak256(abi.encode(world));
    }
}
