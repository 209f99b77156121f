// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";

/// @title Locals, constants, and slots that only move
library StackUnit {
    using Access for Region;

    /// @dev Slots that the region has.
    uint256 internal constant MOST = 1 << 21;

    function run(Step memory step) internal pure returns (Status) {
        uint256 opcode = step.opcode;
        if (opcode == Op.LOCAL_GET) return _localGet(step);
        if (opcode == Op.LOCAL_SET) return _setLocal(step, 1);
        if (opcode == Op.LOCAL_TEE) return _setLocal(step, 0);
        if (opcode == Op.ENTER) return _enter(step);
        if (opcode == Op.SLIDE) return _slide(step);

        if (opcode == Op.CONST) step.push(uint64(uint256(int256(int56(uint56(step.immediate))))));
        else if (opcode == Op.CONST_HIGH) step.push(step.immediate << 8);
        else if (opcode == Op.CONST_LOW) step.push(step.top() | uint8(step.b));
        else if (opcode == Op.SELECT) _select(step);
        // `drop` has done all when it has popped.
        return Status.Running;
    }

    function _localGet(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 local = step.registers.fp + step.b;
            if (local >= step.sp) return Status.Trapped;
            step.push(step.stack.slot(local));
            return Status.Running;
        }
    }

    /// @param above operands that are no locals: the value itself, where it is popped
    function _setLocal(Step memory step, uint256 above) private pure returns (Status) {
        unchecked {
            uint256 local = step.registers.fp + step.b;
            if (local >= step.sp - above) return Status.Trapped;
            step.stack.setSlot(local, step.top());
            return Status.Running;
        }
    }

    function _enter(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 sp = step.sp + step.b;
            if (sp > MOST) return Status.Trapped;
            step.registers.sp = sp;
            return Status.Running;
        }
    }

    function _slide(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 distance, uint256 done) = (step.a, step.b, step.registers.aux);
            if (count + distance > step.sp) return Status.Trapped;
            if (done < count) {
                uint256 from = step.sp - count + done;
                step.stack.setSlot(from - distance, step.stack.slot(from));
                ++done;
            }
            if (done < count) {
                step.registers.aux = done;
                step.stay();
            } else {
                step.registers.aux = 0;
                step.registers.sp = step.sp - distance;
            }
            return Status.Running;
        }
    }

    function _select(Step memory step) private pure {
        uint256 condition = step.top();
        uint256 other = step.second();
        uint256 first = step.third();
        step.push(uint32(condition) != 0 ? first : other);
    }
}
