// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IMachine} from "../interfaces/IMachine.sol";
import {Floats} from "./floats/Floats.sol";
import "./Opcodes.sol" as Op;
import {Access} from "./openings/Access.sol";
import {DataCommitment} from "./openings/DataCommitment.sol";
import {Path, Region} from "./openings/Region.sol";
import {Witness} from "./openings/Witness.sol";
import {Step} from "./Step.sol";
import {Program} from "./types/Program.sol";
import {Registers, RegistersWord} from "./types/Registers.sol";
import {firstSizes, Sizes} from "./types/Sizes.sol";
import {State, StateHash} from "./types/State.sol";
import {Status} from "./types/Status.sol";
import {World} from "./types/World.sol";
import {BulkUnit} from "./units/BulkUnit.sol";
import {Control} from "./units/Control.sol";
import {GlobalUnit} from "./units/GlobalUnit.sol";
import {Integers} from "./units/Integers.sol";
import {MemoryUnit} from "./units/MemoryUnit.sol";
import {PrimitiveUnit} from "./units/PrimitiveUnit.sol";
import {RegisterUnit} from "./units/RegisterUnit.sol";
import {StackUnit} from "./units/StackUnit.sol";
import {TableUnit} from "./units/TableUnit.sol";

/// @title Machine
contract Machine is IMachine {
    using Access for Region;
    using RegistersWord for bytes32;

    /// @inheritdoc IMachine
    uint256 public constant VERSION = 3;

    // Levels of the regions' trees.
    uint256 private constant CODE = 26;
    uint256 private constant STACK = 19;
    uint256 private constant SLOTS = 30;
    uint256 private constant MEMORY = 29;
    uint256 private constant OUTPUT = 27;

    uint256 private constant SLOTS_A_LEAF = 4;
    uint256 private constant MOST_INSTRUCTIONS = SLOTS_A_LEAF << CODE;
    /// @dev Slots of stack that a canonical program counts down from.
    uint256 private constant DEPTH = 3 << 19;
    /// @dev The first instruction, `call run`.
    uint256 private constant START = 1;
    // Why a program stops itself, by the register `stop`.
    uint256 private constant STOP_FUEL = 2;
    uint256 private constant STOP_STACK = 3;
    /// @dev Saturating truncations are behind a prefix in WebAssembly, and `Floats` numbers them from 0x100.
    uint256 private constant PREFIXED = 0x100 - Op.I32_TRUNC_SAT_F32_S;

    /// @inheritdoc IMachine
    function step(bytes32 state, bytes calldata witness) external pure returns (bytes32 next) {
        Witness memory reader;
        reader.start(witness);
        bytes32 packed = reader.word();
        bytes32 code = reader.word();
        bytes32 stack = reader.word();
        Registers memory registers;
        registers.unpack(packed);
        uint256 instruction = _fetch(reader, registers, code);

        Path[] memory none;
        // What an instruction does not see, it does not touch.
        Region memory unseen = Region(reader, 0, 0, none, false);
        Step memory its = Step({
            witness: reader,
            opcode: uint8(instruction),
            immediate: instruction >> 8,
            a: uint24(instruction >> 8),
            b: instruction >> 32,
            pc: registers.pc,
            sp: registers.sp,
            registers: registers,
            stack: Region(reader, stack, STACK, none, false),
            sizes: Sizes.wrap(0),
            memory_: unseen,
            slots: unseen,
            input: 0,
            output: unseen
        });
        bool seesWorld = _bit(Op.SEES_WORLD, its.opcode) != 0;
        bytes32 world = seesWorld ? _openWorld(its) : reader.word();
        if (StateHash.over(packed, code, stack, world) != state) revert MalformedWitness();
        if (registers.status != uint256(Status.Running)) {
            reader.close();
            return state;
        }

        Status status = _execute(its);
        if (status == Status.Running) {
            stack = _closeStack(its);
            if (seesWorld) world = _closeWorld(its);
            packed = registers.pack();
        } else {
            packed = packed.withStatus(_statusOf(status, registers.stop));
        }
        reader.close();
        return StateHash.over(packed, code, stack, world);
    }

    /// @inheritdoc IMachine
    function initialState(Program calldata program, bytes32 input, uint64 fuel, uint64 outputMax)
        external
        pure
        returns (bytes32 programRoot, bytes32 state)
    {
        Registers memory registers;
        registers.pc = START;
        registers.fuel = fuel;
        registers.depth = DEPTH;
        Sizes sizes = firstSizes(program.pages, outputMax);
        World memory world = World(sizes, program.memory_, program.slots, input, 0);
        return (program.hash(VERSION), StateHash.over(registers.pack(), program.code, 0, world.hash()));
    }

    /// @inheritdoc IMachine
    function finalState(State calldata last, bytes32 outputRoot)
        external
        pure
        returns (bytes32 state, uint8 status, uint64 fuelLeft, bytes32 output)
    {
        Registers memory registers;
        registers.unpack(last.registers);
        bool ended = registers.status != uint256(Status.Running) && registers.status <= uint256(type(Status).max);
        if (!ended) revert NotFinal(registers.status);

        World memory world = last.world;
        uint256 length = world.sizes.outputLength();
        uint256 depth = DataCommitment.depth(length);
        if (depth > OUTPUT) revert NoSuchOutput(length);
        world.output = DataCommitment.deepened(outputRoot, OUTPUT - depth);
        return (
            StateHash.over(last.registers, last.code, last.stack, world.hash()),
            uint8(registers.status - 1),
            uint64(registers.fuel),
            DataCommitment.over(length, outputRoot)
        );
    }

    /// @dev The instruction to come. Where there is none, `unreachable` stands for it: it traps as well.
    function _fetch(Witness memory reader, Registers memory registers, bytes32 code) private pure returns (uint256) {
        bool has = registers.status == uint256(Status.Running) && registers.pc < MOST_INSTRUCTIONS;
        if (!has) return Op.UNREACHABLE;
        Path[] memory none;
        return Region(reader, code, CODE, none, false).slot(registers.pc);
    }

    /// @return hash of the world
    function _openWorld(Step memory its) private pure returns (bytes32) {
        Witness memory reader = its.witness;
        Sizes sizes = Sizes.wrap(reader.word());
        bytes32 memory_ = reader.word();
        bytes32 slots = reader.word();
        bytes32 input = reader.word();
        bytes32 output = reader.word();

        Path[] memory none;
        its.sizes = sizes;
        its.memory_ = Region(reader, memory_, MEMORY, none, false);
        its.slots = Region(reader, slots, SLOTS, none, false);
        its.input = input;
        its.output = Region(reader, output, OUTPUT, none, false);
        return World(sizes, memory_, slots, input, output).hash();
    }

    /// @return hash of the world as it has become
    function _closeWorld(Step memory its) private pure returns (bytes32) {
        return World(its.sizes, its.memory_.close(), its.slots.close(), its.input, its.output.close()).hash();
    }

    /// @return root of the stack as it has become: slots that are not live any more are zero
    function _closeStack(Step memory its) private pure returns (bytes32 root) {
        unchecked {
            uint256 sp = its.registers.sp;
            if (sp >= its.sp) return its.stack.close();
            if (sp == 0) return 0;
            uint256 last = (sp - 1) / SLOTS_A_LEAF;
            uint256 dead = 64 * (SLOTS_A_LEAF * (last + 1) - sp);
            its.stack.setLeaf(last, its.stack.leaf(last) >> dead << dead);
            return its.stack.closeAt(last);
        }
    }

    /// @return how the state stands after the step
    function _execute(Step memory its) private pure returns (Status) {
        unchecked {
            uint256 opcode = its.opcode;
            uint256 pops = _bit(Op.POPS_LOW, opcode) + 2 * _bit(Op.POPS_HIGH, opcode);
            uint256 sp = its.sp - pops + _bit(Op.PUSHES, opcode);
            if (its.sp < pops || its.sp > StackUnit.MOST || sp > StackUnit.MOST) return Status.Trapped;
            its.registers.pc = its.pc + 1;
            its.registers.sp = sp;

            if (_bit(Op.CLASS_STACK, opcode) != 0) return StackUnit.run(its);
            if (_bit(Op.CLASS_CONTROL, opcode) != 0) return Control.run(its);
            if (_bit(Op.CLASS_INTEGER | Op.CLASS_FLOAT, opcode) != 0) return _compute(its, pops == 2);
            if (_bit(Op.CLASS_MEMORY, opcode) != 0) return MemoryUnit.run(its);
            if (_bit(Op.CLASS_REGISTER, opcode) != 0) return RegisterUnit.run(its);
            if (_bit(Op.CLASS_GLOBAL, opcode) != 0) return GlobalUnit.run(its);
            if (_bit(Op.CLASS_BULK, opcode) != 0) return BulkUnit.run(its);
            if (_bit(Op.CLASS_TABLE, opcode) != 0) return TableUnit.run(its);
            if (_bit(Op.CLASS_PRIMITIVE, opcode) != 0) return PrimitiveUnit.run(its);
            return Status.Trapped;
        }
    }

    /// @param two whether it takes two operands
    function _compute(Step memory its, bool two) private pure returns (Status) {
        unchecked {
            uint256 b = its.top();
            uint256 a = two ? its.second() : b;
            uint256 opcode = its.opcode;
            bool saturates = opcode >= Op.I32_TRUNC_SAT_F32_S;
            (uint256 result, bool traps) = _bit(Op.CLASS_INTEGER, opcode) != 0
                ? Integers.compute(opcode, a, b)
                : Floats.compute(saturates ? opcode + PREFIXED : opcode, a, b);
            if (traps) return Status.Trapped;
            its.push(result);
            return Status.Running;
        }
    }

    /// @dev What a state's status becomes. A program traps also to stop itself, and says why beforehand.
    function _statusOf(Status status, uint256 stop) private pure returns (uint256) {
        if (status == Status.Trapped) {
            if (stop == STOP_FUEL) status = Status.OutOfFuel;
            if (stop == STOP_STACK) status = Status.StackExhausted;
        }
        return uint256(status);
    }

    function _bit(uint256 word, uint256 place) private pure returns (uint256) {
        return word >> place & 1;
    }
}
