// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Job} from "../../types/Job.sol";
import {Defence} from "../../schemes/proof/Defence.sol";
import {ProofMachine} from "../machine/support/ProofMachine.sol";

/// @notice What somebody says that a run of the machine that counts was.
struct Story {
    uint256 steps; // of the run
    uint256 last; // the step at which it ends, by this story
    uint256 lieFrom; // states after this step are others; 2^256 − 1 where it does not lie
    uint256 lie; // bit 0: in the fuel; bit 1: in the output; 0: in the number of steps alone
    uint256 noise; // by chance, a state between is nobody's; 0 where none is
}

/// @title Runs of the machine that counts, true and not
/// @dev The test's own words for states, sections and trees, written down from the interface and not from the code.
library Stories {
    uint256 internal constant NEVER = type(uint256).max;
    uint64 internal constant FUEL_LEFT = 1_000;
    uint32 internal constant OUTPUT_MAX = 1_000;
    bytes32 private constant CODE = keccak256("a program that counts");

    function truth(uint256 steps) internal pure returns (Story memory) {
        return Story(steps, steps, NEVER, 0, 0);
    }

    /// @dev A story that goes wrong after the step `from`, before the last.
    function lying(uint256 steps, uint256 from, uint256 lie) internal pure returns (Story memory) {
        return Story(steps, steps, from, lie, 0);
    }

    function jobOf(Story memory story) internal pure returns (Job memory job) {
        job.programRoot = keccak256(abi.encode(CODE, bytes32(0), bytes32(0), bytes32(0)));
        job.input = bytes32(story.steps);
        job.fuel = fuelOf(story);
        job.outputMax = OUTPUT_MAX;
    }

    function fuelOf(Story memory story) internal pure returns (uint64) {
        return uint64(story.steps / 32) + FUEL_LEFT;
    }

    function fuelUsed(Story memory story) internal pure returns (uint64) {
        return fuelOf(story) - _fuelLeft(story, story.last);
    }

    function output(Story memory story) internal pure returns (bytes32) {
        return _output(story, story.last);
    }

    /// @dev Least level of which 32 sections hold the run.
    function firstLevel(Story memory story) internal pure returns (uint8 level) {
        while (32 ** (uint256(level) + 1) < story.last) ++level;
    }

    function stateAt(Story memory story, uint256 step) internal pure returns (bytes32) {
        if (story.noise != 0 && step != 0 && step < story.last && uint256(keccak256(abi.encode(story.noise, step))) % 3 == 0) {
            return keccak256(abi.encode("nobody's", story.noise, step));
        }
        ProofMachine.State memory state = _at(story, step);
        bytes32 world = keccak256(abi.encode(state.world));
        return keccak256(abi.encode(keccak256("millrace.state"), state.registers, state.code, state.stack, world));
    }

    function witness(Story memory story, uint256 step) internal pure returns (bytes memory) {
        return abi.encode(_at(story, step));
    }

    /// @return ends states after each of 32 sections of 32^level steps
    function split(Story memory story, uint256 firstStep, uint256 level) internal pure returns (bytes32[32] memory ends) {
        for (uint256 i; i < 32; ++i) ends[i] = stateAt(story, firstStep + (i + 1) * 32 ** level);
    }

    function defence(Story memory story, uint8 level) internal pure returns (Defence memory shown) {
        ProofMachine.State memory last = _at(story, story.last);
        shown.fuel = fuelOf(story);
        shown.level = level;
        shown.code = CODE;
        shown.input = bytes32(story.steps);
        shown.registers = last.registers;
        shown.sizes = last.world.sizes;
        shown.stack = last.stack;
        shown.lastMemory = last.world.memory_;
        shown.lastSlots = last.world.slots;
        shown.outputRoot = last.world.output;
        bytes32[32] memory ends = split(story, 0, level);
        for (uint256 i; i < 31; ++i) shown.states[i] = ends[i];
    }

    function _at(Story memory story, uint256 step) private pure returns (ProofMachine.State memory state) {
        uint256 number = step < story.last ? step : story.last;
        state.registers = bytes32(uint256(number == story.last ? 1 : 0));
        state.code = CODE;
        state.stack = bytes32(number);
        state.world.sizes = bytes32(uint256(OUTPUT_MAX) << 64);
        state.world.memory_ = bytes32(number > story.lieFrom ? story.last : story.steps);
        state.world.slots = bytes32(uint256(_fuelLeft(story, number)));
        state.world.input = bytes32(story.steps);
        state.world.output = _output(story, number);
    }

    function _fuelLeft(Story memory story, uint256 step) private pure returns (uint64) {
        return step > story.lieFrom && story.lie & 1 != 0 ? FUEL_LEFT - 1 : FUEL_LEFT;
    }

    function _output(Story memory story, uint256 step) private pure returns (bytes32) {
        bytes32 honest = keccak256(abi.encode(CODE, bytes32(story.steps)));
        return step > story.lieFrom && story.lie & 2 != 0 ? keccak256(abi.encode(honest, story.lie)) : honest;
    }
}
