// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import "../Opcodes.sol" as Op;
import {Access} from "../openings/Access.sol";
import {Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";
import {SlotMap} from "./SlotMap.sol";

/// @title Branches, calls, returns
library Control {
    using Access for Region;

    /// @dev Bits of a type's number in the immediate of a call through a table.
    uint256 private constant TYPE_BITS = 24;

    function run(Step memory step) internal pure returns (Status) {
        unchecked {
            uint256 opcode = step.opcode;
            if (opcode == Op.BR) step.registers.pc = step.b;
            else if (opcode == Op.BR_IF) _branch(step, uint32(step.top()) != 0);
            else if (opcode == Op.BR_UNLESS) _branch(step, uint32(step.top()) == 0);
            else if (opcode == Op.BR_TABLE) step.registers.pc += _min(uint32(step.top()), step.b);
            else if (opcode == Op.CALL) return _call(step);
            else if (opcode == Op.CALL_INDIRECT) return _callIndirect(step);
            else if (opcode == Op.RETURN) return _return(step, false);
            else if (opcode == Op.RETURN_ONE) return _return(step, true);
            else if (opcode == Op.RETURN_LINK) _follow(step, step.top());
            // `unreachable`.
            else return Status.Trapped;
            return Status.Running;
        }
    }

    function _branch(Step memory step, bool taken) private pure {
        if (taken) step.registers.pc = step.b;
    }

    function _call(Step memory step) private pure returns (Status) {
        unchecked {
            if (step.a > step.sp) return Status.Trapped;
            step.push(_link(step));
            step.registers.fp = step.sp - step.a;
            step.registers.pc = step.b;
            return Status.Running;
        }
    }

    function _callIndirect(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 index = uint32(step.top());
            if (index >= SlotMap.TABLE || step.a > step.sp - 1) return Status.Trapped;
            uint256 element = step.slots.slot(SlotMap.element(step.b >> TYPE_BITS, index));
            if (element < 2) return Status.Trapped;
            uint256 ref = element - 1;
            if (ref >> 32 != step.b & ((1 << TYPE_BITS) - 1)) return Status.Trapped;

            step.push(_link(step));
            step.registers.fp = step.sp - 1 - step.a;
            step.registers.pc = uint32(ref);
            return Status.Running;
        }
    }

    function _return(Step memory step, bool one) private pure returns (Status) {
        unchecked {
            uint256 fp = step.registers.fp;
            uint256 place = fp + step.b;
            if (place >= step.sp) return Status.Trapped;

            uint256 result = one ? step.top() : 0;
            uint256 link = step.stack.slot(place);
            step.registers.sp = one ? fp + 1 : fp;
            if (one) step.push(result);
            _follow(step, link);
            return Status.Running;
        }
    }

    /// @dev Where a call comes back: the caller's frame, and the instruction behind it, whose number has 32 bits.
    function _link(Step memory step) private pure returns (uint256) {
        unchecked {
            return step.registers.fp << 32 | step.pc + 1;
        }
    }

    function _follow(Step memory step, uint256 link) private pure {
        step.registers.fp = link >> 32;
        step.registers.pc = uint32(link);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
