// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Numbers as WebAssembly stores them
library LittleEndian {
    uint256 private constant BYTES = 0x00ff00ff00ff00ff;
    uint256 private constant PAIRS = 0x0000ffff0000ffff;

    /// @dev 64 bits with their bytes in the opposite order, there and back.
    /// @param value with zeros above
    function swap(uint256 value) internal pure returns (uint256) {
        value = (value >> 8 & BYTES) | (value & BYTES) << 8;
        value = (value >> 16 & PAIRS) | (value & PAIRS) << 16;
        return value >> 32 | uint64(value << 32);
    }
}
