// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {LittleEndian} from "./LittleEndian.sol";
import {Region} from "./Region.sol";

/// @title Bytes and slots of a region
/// @notice Positions are in bytes from the region's start. Bytes stand at the left of a word, with zeros behind them.
library Access {
    uint256 private constant LEAF = 32;
    uint256 private constant SLOT = 8;

    /// @param width from 1 to 32. Where the bytes lie in two leaves, the lower one is opened first
    function read(Region memory region, uint256 position, uint256 width) internal pure returns (uint256 bytes_) {
        unchecked {
            uint256 index = position / LEAF;
            uint256 offset = position % LEAF;
            bytes_ = uint256(region.leaf(index)) << 8 * offset;
            if (offset + width > LEAF) bytes_ |= uint256(region.leaf(index + 1)) >> 8 * (LEAF - offset);
            return bytes_ & _mask(width);
        }
    }

    function write(Region memory region, uint256 position, uint256 width, uint256 bytes_) internal pure {
        unchecked {
            uint256 index = position / LEAF;
            uint256 offset = position % LEAF;
            uint256 mask = _mask(width);
            _replace(region, index, mask >> 8 * offset, bytes_ >> 8 * offset);
            if (offset + width <= LEAF) return;
            uint256 behind = 8 * (LEAF - offset);
            _replace(region, index + 1, mask << behind, bytes_ << behind);
        }
    }

    function slot(Region memory region, uint256 index) internal pure returns (uint256) {
        unchecked {
            return number(read(region, SLOT * index, SLOT));
        }
    }

    /// @param value below 2^64
    function setSlot(Region memory region, uint256 index, uint256 value) internal pure {
        unchecked {
            write(region, SLOT * index, SLOT, bytesOf(value));
        }
    }

    /// @dev The number that up to eight bytes at the left of a word are.
    function number(uint256 bytes_) internal pure returns (uint256) {
        return LittleEndian.swap(bytes_ >> 192);
    }

    /// @dev A number's eight bytes at the left of a word.
    /// @param value below 2^64
    function bytesOf(uint256 value) internal pure returns (uint256) {
        return LittleEndian.swap(value) << 192;
    }

    /// @param mask where the leaf changes
    function _replace(Region memory region, uint256 index, uint256 mask, uint256 bytes_) private pure {
        region.setLeaf(index, bytes32(uint256(region.leaf(index)) & ~mask | bytes_));
    }

    /// @dev The first bytes of a word.
    function _mask(uint256 width) private pure returns (uint256) {
        unchecked {
            return type(uint256).max << 8 * (LEAF - width);
        }
    }
}
