// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Access} from "./openings/Access.sol";
import {Region} from "./openings/Region.sol";
import {Witness} from "./openings/Witness.sol";
import {Registers} from "./types/Registers.sol";
import {Sizes} from "./types/Sizes.sol";

/// @notice A step under way. Units change `registers`, `sizes` and the open leaves; the rest is as it was before.
/// @dev Operands are taken one a statement: leaves are opened in that order, and Solidity leaves it open in which order
///      it evaluates the parts of an expression.
struct Step {
    Witness witness;
    // The instruction.
    uint256 opcode;
    uint256 immediate; // 56 bits
    uint256 a; // its low 24 bits
    uint256 b; // its high 32 bits
    // As they were before.
    uint256 pc;
    uint256 sp;
    // As they become. A unit finds pc and sp moved on already, past the instruction and by what it pops and pushes.
    Registers registers;
    Region stack;
    // Only where the instruction sees the world.
    Sizes sizes;
    Region memory_;
    Region slots;
    Region output;
    bytes32 input;
}

using Operands for Step global;

/// @title What instructions take from the stack and put there
library Operands {
    using Access for Region;

    /// @dev 64 bits.
    function top(Step memory step) internal pure returns (uint256) {
        return _operand(step, 1);
    }

    function second(Step memory step) internal pure returns (uint256) {
        return _operand(step, 2);
    }

    function third(Step memory step) internal pure returns (uint256) {
        return _operand(step, 3);
    }

    function setTop(Step memory step, uint256 value) internal pure {
        _setOperand(step, 1, value);
    }

    function setSecond(Step memory step, uint256 value) internal pure {
        _setOperand(step, 2, value);
    }

    function setThird(Step memory step, uint256 value) internal pure {
        _setOperand(step, 3, value);
    }

    /// @dev Puts a result where the top will be.
    function push(Step memory step, uint256 value) internal pure {
        unchecked {
            step.stack.setSlot(step.registers.sp - 1, value);
        }
    }

    /// @dev Of instructions on many: how many are left, and the first ones, each of 32 bits.
    function span(Step memory step) internal pure returns (uint256 count, uint256 from, uint256 to) {
        count = uint32(top(step));
        from = uint32(second(step));
        to = uint32(third(step));
    }

    /// @dev The instruction goes on in the next step, behind the first `done`.
    function proceed(Step memory step, uint256 count, uint256 from, uint256 to, uint256 done) internal pure {
        unchecked {
            setThird(step, uint32(to + done));
            setSecond(step, uint32(from + done));
            again(step, count - done);
        }
    }

    /// @dev The instruction goes on in the next step, with so many left.
    function again(Step memory step, uint256 count) internal pure {
        setTop(step, count);
        stay(step);
    }

    /// @dev The instruction goes on in the next step.
    function stay(Step memory step) internal pure {
        step.registers.pc = step.pc;
        step.registers.sp = step.sp;
    }

    function _operand(Step memory step, uint256 place) private pure returns (uint256) {
        unchecked {
            return step.stack.slot(step.sp - place);
        }
    }

    function _setOperand(Step memory step, uint256 place, uint256 value) private pure {
        unchecked {
            step.stack.setSlot(step.sp - place, value);
        }
    }
}
