// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice The second word of a state, B: pages of memory 0 ‖ of memory 1 ‖ bytes of output ‖ most bytes of output ‖
///         spare.
type Sizes is bytes32;

using {pages, withPages, outputLength, outputMax, withMoreOutput} for Sizes global;

/// @dev Before the first step.
function first(uint32 pages0, uint32 pages1, uint64 outputMax_) pure returns (Sizes) {
    return Sizes.wrap(bytes32(abi.encodePacked(pages0, pages1, uint64(0), outputMax_, uint64(0))));
}

/// @param memory_ 0 or 1
function pages(Sizes sizes, uint256 memory_) pure returns (uint256) {
    unchecked {
        return uint32(uint256(Sizes.unwrap(sizes)) >> (224 - 32 * memory_));
    }
}

/// @param value below 2^32
function withPages(Sizes sizes, uint256 memory_, uint256 value) pure returns (Sizes) {
    unchecked {
        uint256 shift = 224 - 32 * memory_;
        uint256 others = uint256(Sizes.unwrap(sizes)) & ~(uint256(type(uint32).max) << shift);
        return Sizes.wrap(bytes32(others | value << shift));
    }
}

function outputLength(Sizes sizes) pure returns (uint256) {
    return uint64(uint256(Sizes.unwrap(sizes)) >> 128);
}

function outputMax(Sizes sizes) pure returns (uint256) {
    return uint64(uint256(Sizes.unwrap(sizes)) >> 64);
}

/// @param bytes_ so many that the length stays below 2^64
function withMoreOutput(Sizes sizes, uint256 bytes_) pure returns (Sizes) {
    unchecked {
        return Sizes.wrap(bytes32(uint256(Sizes.unwrap(sizes)) + (bytes_ << 128)));
    }
}
