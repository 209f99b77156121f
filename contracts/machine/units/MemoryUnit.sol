// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";

/// @title Loads, stores, and the sizes of memories
library MemoryUnit {
    using Access for Region;

    uint256 internal constant PAGE = 65_536;
    uint256 internal constant MOST_PAGES = 65_536;
    /// @dev A space of the region: bytes of one memory, or of the data segments.
    uint256 internal constant SPACE = 1 << 32;

    /// @dev Bytes that loads and stores move, by opcode from `i32.load` to `i64.store32`.
    bytes32 private constant WIDTHS = hex"0408040801010202010102020404" hex"040804080102010204";
    /// @dev What `memory.grow` gives where it does not grow: −1 as an i32.
    uint256 private constant NO_ROOM = type(uint32).max;

    function run(Step memory step) internal pure returns (Status) {
        uint256 opcode = step.opcode;
        if (opcode == Op.MEMORY_SIZE) step.push(step.sizes.pages(step.a & 1));
        else if (opcode == Op.MEMORY_GROW) _grow(step);
        else return opcode < Op.I32_STORE ? _load(step) : _store(step);
        return Status.Running;
    }

    /// @dev Bytes of a memory.
    /// @param memory_ its lowest bit counts
    function size(Step memory step, uint256 memory_) internal pure returns (uint256) {
        unchecked {
            return PAGE * Math.min(step.sizes.pages(memory_ & 1), MOST_PAGES);
        }
    }

    /// @dev Where a memory's byte stands in the region.
    /// @param memory_ its lowest bit counts
    function position(uint256 memory_, uint256 address_) internal pure returns (uint256) {
        unchecked {
            return SPACE * (memory_ & 1) + address_;
        }
    }

    function _load(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 width = _width(step.opcode);
            uint256 address_ = uint32(step.top()) + step.b;
            if (address_ + width > size(step, step.a)) return Status.Trapped;
            uint256 value = Access.number(step.memory_.read(position(step.a, address_), width));
            step.push(_extended(step.opcode, width, value));
            return Status.Running;
        }
    }

    function _store(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 width = _width(step.opcode);
            uint256 value = step.top();
            uint256 address_ = uint32(step.second()) + step.b;
            if (address_ + width > size(step, step.a)) return Status.Trapped;
            uint256 kept = Access.bytesOf(value) >> 256 - 8 * width << 256 - 8 * width;
            step.memory_.write(position(step.a, address_), width, kept);
            return Status.Running;
        }
    }

    function _grow(Step memory step) private pure {
        unchecked {
            uint256 memory_ = step.a & 1;
            uint256 pages = step.sizes.pages(memory_);
            uint256 grown = pages + uint32(step.top());
            if (grown > Math.min(step.b, MOST_PAGES)) {
                step.push(NO_ROOM);
            } else {
                step.sizes = step.sizes.withPages(memory_, grown);
                step.push(pages);
            }
        }
    }

    function _width(uint256 opcode) private pure returns (uint256) {
        unchecked {
            return uint8(WIDTHS[opcode - Op.I32_LOAD]);
        }
    }

    /// @dev What a load pushes for the number that it found.
    function _extended(uint256 opcode, uint256 width, uint256 value) private pure returns (uint256) {
        unchecked {
            // Where a load is narrower than its type, signed and unsigned ones take turns.
            bool signed = opcode >= Op.I32_LOAD8_S && opcode & 1 == 0;
            if (!signed) return value;
            uint256 unused = 256 - 8 * width;
            uint256 extended = uint256(int256(value << unused) >> unused);
            return opcode < Op.I64_LOAD8_S ? uint32(extended) : uint64(extended);
        }
    }
}
