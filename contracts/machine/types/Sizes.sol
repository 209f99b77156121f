// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice The second word of a state, B: pages of memory 0 ‖ of memory 1 ‖ bytes of output ‖ most bytes of output ‖
///         spare.
type Sizes is bytes32;

using {pages, withPages, outputLength, outputMax, withMoreOutput} for Sizes global;

/// @dev Before the first step.
/// @param pages_ as a program has them: those of the two memories in its first 8 bytes
function firstSizes(bytes32 pages_, uint64 outputMax_) pure returns (Sizes) {
    return Sizes.wrap(bytes32(bytes8(pages_)) | bytes32(uint256(outputMax_) << 64));
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
