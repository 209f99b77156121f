// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";
import {MemoryUnit} from "./MemoryUnit.sol";
import {SlotMap} from "./SlotMap.sol";

/// @title Instructions on many bytes
/// @notice A step takes what lies in one leaf of the source and one of the target; what is left stands in the
///         instruction's own operands.
library BulkUnit {
    using Access for Region;

    uint256 private constant LEAF = 32;
    /// @dev A byte as often as a word has room for it.
    uint256 private constant EVERY_BYTE = type(uint256).max / type(uint8).max;
    /// @dev Where the contents of data segments begin in the memory region.
    uint256 private constant SEGMENTS = 2 * MemoryUnit.SPACE;

    function run(Step memory step) internal pure returns (Status) {
        if (step.opcode == Op.MEMORY_COPY) return _copy(step);
        if (step.opcode == Op.MEMORY_FILL) return _fill(step);
        return _init(step);
    }

    /// @dev Most bytes that a step takes from `from` to `to`: as far as both leaves go.
    function reach(uint256 count, uint256 from, uint256 to) internal pure returns (uint256) {
        unchecked {
            return Math.min(count, LEAF - Math.max(from % LEAF, to % LEAF));
        }
    }

    function _fill(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 count = uint32(step.top());
            uint256 value = uint8(step.second());
            uint256 to = uint32(step.third());
            if (to + count > MemoryUnit.size(step, step.a)) return Status.Trapped;
            if (count == 0) return Status.Running;

            uint256 done = reach(count, to, to);
            uint256 unused = 8 * (LEAF - done);
            step.memory_.write(MemoryUnit.position(step.a, to), done, value * EVERY_BYTE >> unused << unused);
            step.setThird(uint32(to + done));
            step.again(count - done);
            return Status.Running;
        }
    }

    function _copy(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 from, uint256 to) = step.span();
            (uint256 target, uint256 source) = (step.a, step.a >> 1);
            if (to + count > MemoryUnit.size(step, target)) return Status.Trapped;
            if (from + count > MemoryUnit.size(step, source)) return Status.Trapped;
            if (count == 0) return Status.Running;

            if (to <= from) {
                uint256 done = reach(count, from, to);
                _move(step, MemoryUnit.position(source, from), MemoryUnit.position(target, to), done);
                step.proceed(count, from, to, done);
            } else {
                // Backwards, so that the source is not written over before it is read.
                (uint256 fromEnd, uint256 toEnd) = (from + count, to + count);
                uint256 done = Math.min(count, Math.min((toEnd - 1) % LEAF, (fromEnd - 1) % LEAF) + 1);
                uint256 first = MemoryUnit.position(source, fromEnd - done);
                _move(step, first, MemoryUnit.position(target, toEnd - done), done);
                step.again(count - done);
            }
            return Status.Running;
        }
    }

    function _init(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 from, uint256 to) = step.span();
            (uint256 target, uint256 segment) = (step.a, step.a >> 1);
            uint256 length = uint32(step.slots.slot(SlotMap.dataLength(segment)));
            if (to + count > MemoryUnit.size(step, target) || from + count > length) return Status.Trapped;
            if (count == 0) return Status.Running;
            uint256 content = step.b + from;
            if (content >= MemoryUnit.SPACE) return Status.Trapped;

            uint256 done = reach(count, content, to);
            _move(step, SEGMENTS + content, MemoryUnit.position(target, to), done);
            step.proceed(count, from, to, done);
            return Status.Running;
        }
    }

    /// @dev The source's leaf is opened first.
    function _move(Step memory step, uint256 from, uint256 to, uint256 width) private pure {
        step.memory_.write(to, width, step.memory_.read(from, width));
    }
}
