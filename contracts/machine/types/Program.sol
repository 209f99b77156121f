// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What a program root stands for: the machine before the first step.
struct Program {
    bytes32 code; // roots of regions
    bytes32 memory_;
    bytes32 slots;
    bytes32 pages; // of memory 0 ‖ of memory 1 ‖ the most of each, in 16 bytes; zeros
}

using ProgramHash for Program global;

library ProgramHash {
    bytes32 internal constant TAG = keccak256("millrace.program");

    /// @dev The program root.
    function hash(Program memory program, uint256 version) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, version, program));
    }
}
