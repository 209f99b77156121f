// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What was to be computed, and what the contested result says came out. Of job and result, all that the
///         machine knows.
struct Computation {
    bytes32 programRoot;
    bytes32 input;
    uint64 fuel; // limit
    uint32 outputMax;
    uint8 status; // as a Result says it
    uint64 fuelUsed;
    bytes32 output; // commitment
}

using ComputationHash for Computation global;

library ComputationHash {
    function hash(Computation memory computation) internal pure returns (bytes32) {
        return keccak256(abi.encode(computation));
    }
}
