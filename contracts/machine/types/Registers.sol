// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice The first word of a state, A: pc ‖ sp ‖ fp ‖ aux ‖ fuel ‖ depth ‖ stop ‖ status.
/// @dev Each within its bits when unpacked; what lies above them when packed is cut off.
struct Registers {
    uint256 pc; // 32 bits
    uint256 sp; // 32
    uint256 fp; // 32
    uint256 aux; // 32
    uint256 fuel; // 64
    uint256 depth; // 32
    uint256 stop; // 16
    uint256 status; // 16; a stranger's state may have any
}

using RegistersWord for Registers global;

library RegistersWord {
    /// @dev All of the word but the status.
    uint256 private constant NOT_STATUS = ~uint256(type(uint16).max);

    function pack(Registers memory registers) internal pure returns (bytes32) {
        uint256 low = uint256(uint64(registers.fuel)) << 64 | uint256(uint32(registers.depth)) << 32
            | uint256(uint16(registers.stop)) << 16 | uint16(registers.status);
        uint256 high = uint256(uint32(registers.pc)) << 96 | uint256(uint32(registers.sp)) << 64
            | uint256(uint32(registers.fp)) << 32 | uint32(registers.aux);
        return bytes32(high << 128 | low);
    }

    function unpack(Registers memory registers, bytes32 word) internal pure {
        uint256 bits = uint256(word);
        registers.pc = bits >> 224;
        registers.sp = uint32(bits >> 192);
        registers.fp = uint32(bits >> 160);
        registers.aux = uint32(bits >> 128);
        registers.fuel = uint64(bits >> 64);
        registers.depth = uint32(bits >> 32);
        registers.stop = uint16(bits >> 16);
        registers.status = uint16(bits);
    }

    /// @dev The same word with another status.
    function withStatus(bytes32 word, uint256 status) internal pure returns (bytes32) {
        return bytes32(uint256(word) & NOT_STATUS | status);
    }
}
