// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import "../Opcodes.sol" as Op;
import {DataCommitment} from "../openings/DataCommitment.sol";
import {Access} from "../openings/Access.sol";
import {IMachine} from "../../interfaces/IMachine.sol";
import {Path, Region} from "../openings/Region.sol";
import {Step} from "../Step.sol";
import {Status} from "../types/Status.sol";
import {BulkUnit} from "./BulkUnit.sol";
import {MemoryUnit} from "./MemoryUnit.sol";

/// @title The way in and out of the machine: input, output, halt
library PrimitiveUnit {
    using Access for Region;

    /// @dev Most bytes of an input or an output.
    uint256 private constant MOST = 1 << 32;
    /// @dev The memory that input comes to and output comes from: the library's.
    uint256 private constant MEMORY = 1;

    function run(Step memory step) internal pure returns (Status) {
        if (step.opcode == Op.INPUT_LENGTH) return _length(step);
        if (step.opcode == Op.INPUT_READ) return _read(step);
        if (step.opcode == Op.OUTPUT_WRITE) return _write(step);
        return Status.Exited;
    }

    function _length(Step memory step) private pure returns (Status) {
        (uint256 length,) = _openInput(step);
        if (length >= MOST) return Status.Trapped;
        step.push(length);
        return Status.Running;
    }

    function _read(Step memory step) private pure returns (Status) {
        unchecked {
            (uint256 count, uint256 from, uint256 to) = step.span();
            (uint256 length, bytes32 root) = _openInput(step);
            if (length >= MOST || from + count > length) return Status.Trapped;
            if (to + count > MemoryUnit.size(step, MEMORY)) return Status.Trapped;
            if (count == 0) return Status.Running;

            uint256 done = BulkUnit.reach(count, from, to);
            Path[] memory none;
            Region memory input = Region(step.witness, root, DataCommitment.depth(length), none, false);
            step.memory_.write(MemoryUnit.position(MEMORY, to), done, input.read(from, done));
            step.proceed(count, from, to, done);
            return Status.Running;
        }
    }

    function _write(Step memory step) private pure returns (Status) {
        unchecked {
            uint256 count = uint32(step.top());
            uint256 from = uint32(step.second());
            (uint256 length, uint256 most) = (step.sizes.outputLength(), step.sizes.outputMax());
            if (from + count > MemoryUnit.size(step, MEMORY) || length >= MOST) return Status.Trapped;
            if (count == 0) return Status.Running;
            if (length >= most) return Status.OutputFull;

            uint256 done = BulkUnit.reach(Math.min(count, most - length), from, length);
            step.output.write(length, done, step.memory_.read(MemoryUnit.position(MEMORY, from), done));
            step.sizes = step.sizes.withMoreOutput(done);
            step.setSecond(uint32(from + done));
            step.again(count - done);
            return Status.Running;
        }
    }

    function _openInput(Step memory step) private pure returns (uint256 length, bytes32 root) {
        length = uint256(step.witness.word());
        root = step.witness.word();
        if (DataCommitment.over(length, root) != step.input) revert IMachine.MalformedWitness();
    }
}
