// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What a program root stands for: the machine's regions before the first step.
struct Program {
    bytes32 code; // roots of regions
    bytes32 memory_;
    bytes32 slots;
    uint32 pages0; // of the module's memory
    uint32 pages1; // of the library's
}

using ProgramHash for Program global;

library ProgramHash {
    bytes32 internal constant TAG = keccak256("millrace.program");

    /// @dev The program root.
    function hash(Program memory program, uint256 version) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, version, program.code, program.memory_, program.slots, pages(program)));
    }

    /// @dev Both numbers of pages, as the first 8 bytes of a word.
    function pages(Program memory program) internal pure returns (bytes32) {
        return bytes32(bytes.concat(bytes4(program.pages0), bytes4(program.pages1)));
    }
}
