// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Where things stand in the region of slots
library SlotMap {
    /// @dev Globals from 0 to here.
    uint256 internal constant GLOBALS = 1 << 31;
    /// @dev Elements that a table has room for.
    uint256 internal constant TABLE = 1 << 24;
    /// @dev Slots that the contents of element segments have room for.
    uint256 internal constant CONTENTS = 1 << 29;
    /// @dev Segments of either kind that can be dropped.
    uint256 internal constant SEGMENTS = 1 << 20;

    uint256 private constant TABLES = 1 << 31;
    uint256 private constant SEGMENT_CONTENTS = 3 << 30;
    uint256 private constant TABLE_SIZES = SEGMENT_CONTENTS + CONTENTS;
    uint256 private constant DATA_LENGTHS = TABLE_SIZES + SEGMENTS;
    uint256 private constant ELEMENT_LENGTHS = TABLE_SIZES + 2 * SEGMENTS;

    /// @param table its low four bits count
    /// @param index below `TABLE`
    function element(uint256 table, uint256 index) internal pure returns (uint256) {
        unchecked {
            return TABLES + _number(table) * TABLE + index;
        }
    }

    /// @param table its low four bits count
    function tableSize(uint256 table) internal pure returns (uint256) {
        unchecked {
            return TABLE_SIZES + _number(table);
        }
    }

    /// @param index below `CONTENTS`
    function content(uint256 index) internal pure returns (uint256) {
        unchecked {
            return SEGMENT_CONTENTS + index;
        }
    }

    function dataLength(uint256 segment) internal pure returns (uint256) {
        unchecked {
            return DATA_LENGTHS + segment;
        }
    }

    function elementLength(uint256 segment) internal pure returns (uint256) {
        unchecked {
            return ELEMENT_LENGTHS + segment;
        }
    }

    function _number(uint256 table) private pure returns (uint256) {
        return table & 15;
    }
}
