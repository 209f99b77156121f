// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";
import {SlotMap} from "./SlotMap.sol";

/// @title Tables of references
/// @notice An element is 0 beyond the table's size, 1 for null, else the reference plus 1. Instructions on many
///         elements take one a step; what is left stands in their own operands.
library TableUnit {
    using Access for Region;

    /// @dev What `table.grow` gives where it does not grow: −1 as an i32.
    uint256 private constant NO_ROOM = type(uint32).max;

    function run(Step memory step) internal pure returns (Status) {
        uint256 opcode = step.opcode;
        if (opcode == Op.TABLE_GET) return _get(step);
        if (opcode == Op.TABLE_SET) return _set(step);
        if (opcode == Op.TABLE_GROW) return _grow(step);
        if (opcode == Op.TABLE_FILL) return _fill(step);
        if (opcode == Op.TABLE_COPY) return _copy(step);
        if (opcode == Op.TABLE_INIT) return _init(step);
        step.push(_size(step, step.b));
        return Status.Running;
    }

    function _get(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 index = uint32(step.top());
            if (index >= SlotMap.TABLE) return Status.Trapped;
            uint256 element = step.slots.slot(SlotMap.element(step.b, index));
            if (element == 0) return Status.Trapped;
            step.push(element - 1);
            return Status.Running;
        }
    }

    function _set(Step memory step) private pure returns (Status) {
        uint256 ref = step.top();
        uint256 index = uint32(step.second());
        if (index >= SlotMap.TABLE) return Status.Trapped;
        if (step.slots.slot(SlotMap.element(step.b, index)) == 0) return Status.Trapped;
        _setElement(step, step.b, index, ref);
        return Status.Running;
    }

    function _grow(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 count = uint32(step.top());
            uint256 size = _size(step, step.a);
            uint256 done = step.registers.aux;
            if (done == 0 && size + count > Math.min(step.b, SlotMap.TABLE)) {
                step.push(NO_ROOM);
            } else if (done < count) {
                if (size + done >= SlotMap.TABLE) return Status.Trapped;
                _setElement(step, step.a, size + done, step.second());
                step.registers.aux = done + 1;
                step.stay();
            } else {
                step.slots.setSlot(SlotMap.tableSize(step.a), uint32(size + count));
                step.push(size);
                step.registers.aux = 0;
            }
            return Status.Running;
        }
    }

    function _fill(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 count = uint32(step.top());
            uint256 value = step.second();
            uint256 index = uint32(step.third());
            if (index + count > _size(step, step.b)) return Status.Trapped;
            if (count == 0) return Status.Running;
            if (index >= SlotMap.TABLE) return Status.Trapped;

            _setElement(step, step.b, index, value);
            step.setThird(uint32(index + 1));
            step.again(count - 1);
            return Status.Running;
        }
    }

    function _copy(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 from, uint256 to) = step.span();
            (uint256 target, uint256 source) = (step.a, step.a >> 4);
            uint256 room = _size(step, target);
            uint256 there = _size(step, source);
            if (to + count > room || from + count > there) return Status.Trapped;
            if (count == 0) return Status.Running;

            // Backwards where the source would be written over before it is read.
            bool forward = to <= from;
            uint256 last = forward ? 0 : count - 1;
            if (to + last >= SlotMap.TABLE || from + last >= SlotMap.TABLE) return Status.Trapped;
            uint256 element = step.slots.slot(SlotMap.element(source, from + last));
            step.slots.setSlot(SlotMap.element(target, to + last), element);
            if (forward) step.proceed(count, from, to, 1);
            else step.again(count - 1);
            return Status.Running;
        }
    }

    function _init(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 from, uint256 to) = step.span();
            (uint256 target, uint256 segment) = (step.a, step.a >> 4);
            uint256 room = _size(step, target);
            uint256 there = uint32(step.slots.slot(SlotMap.elementLength(segment)));
            if (to + count > room || from + count > there) return Status.Trapped;
            if (count == 0) return Status.Running;
            uint256 content = step.b + from;
            if (to >= SlotMap.TABLE || content >= SlotMap.CONTENTS) return Status.Trapped;

            _setElement(step, target, to, step.slots.slot(SlotMap.content(content)));
            step.proceed(count, from, to, 1);
            return Status.Running;
        }
    }

    function _size(Step memory step, uint256 table) private pure returns (uint256) {
        return uint32(step.slots.slot(SlotMap.tableSize(table)));
    }

    function _setElement(Step memory step, uint256 table, uint256 index, uint256 ref) private pure {
        unchecked {
            step.slots.setSlot(SlotMap.element(table, index), uint64(ref + 1));
        }
    }
}
