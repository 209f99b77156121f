// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import "../Opcodes.sol" as Op;
import {Step} from "../Step.sol";
import {Registers} from "../types/Registers.sol";
import {Status} from "../types/Status.sol";

/// @title The canonical program's own three counters, which are registers
library RegisterUnit {
    uint256 private constant FUEL = 0;
    uint256 private constant STOP = 1;
    uint256 private constant DEPTH = 2;

    function run(Step memory step) internal pure returns (Status) {
        return step.opcode == Op.REGISTER_GET ? _get(step) : _set(step);
    }

    function _get(Step memory step) private pure returns (Status) {
        Registers memory registers = step.registers;
        if (step.b == FUEL) step.push(registers.fuel);
        else if (step.b == STOP) step.push(registers.stop);
        else if (step.b == DEPTH) step.push(registers.depth);
        else return Status.Trapped;
        return Status.Running;
    }

    /// @dev Packing cuts off what a register has no bits for.
    function _set(Step memory step) private pure returns (Status) {
        Registers memory registers = step.registers;
        uint256 value = step.top();
        if (step.b == FUEL) registers.fuel = value;
        else if (step.b == STOP) registers.stop = value;
        else if (step.b == DEPTH) registers.depth = value;
        else return Status.Trapped;
        return Status.Running;
    }
}
