// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice A machine that counts, so that a run of 2^40 steps has every state at hand. The game over it is the real one.
/// @dev The input commitment is the number of the last step; a unit of fuel pays for 32.
contract ProofMachine {
    struct Program {
        bytes32 code;
        bytes32 memory_;
        bytes32 slots;
        bytes32 pages;
    }

    struct World {
        bytes32 sizes;
        bytes32 memory_; // number of the last step
        bytes32 slots; // fuel left at the end
        bytes32 input;
        bytes32 output;
    }

    struct State {
        bytes32 registers; // 1 at the end
        bytes32 code; // the program's
        bytes32 stack; // number of the step
        World world;
    }

    uint256 public constant VERSION = 3;

    error MalformedWitness();
    error NotFinal(uint256 status);

    function step(bytes32 state, bytes calldata witness) external pure returns (bytes32) {
        State memory its = abi.decode(witness, (State));
        if (_hash(its) != state) revert MalformedWitness();
        return its.stack == its.world.memory_ ? state : _hash(_at(its, uint256(its.stack) + 1));
    }

    function initialState(Program calldata program, bytes32 input, uint64 fuel, uint64 outputMax)
        external
        pure
        returns (bytes32 programRoot, bytes32 state)
    {
        uint256 left = fuel - uint256(input) / 32;
        bytes32 sizes = bytes32(uint256(outputMax) << 64);
        World memory world = World(sizes, input, bytes32(left), input, keccak256(abi.encode(program.code, input)));
        return (keccak256(abi.encode(program)), _hash(_at(State(0, program.code, 0, world), 0)));
    }

    function finalState(State calldata last, bytes32 outputRoot)
        external
        pure
        returns (bytes32 state, uint8 status, uint64 fuelLeft, bytes32 output)
    {
        if (last.registers != bytes32(uint256(1))) revert NotFinal(uint256(last.registers));
        State memory its = last;
        its.world.output = outputRoot;
        return (_hash(its), 0, uint64(uint256(last.world.slots)), outputRoot);
    }

    function _at(State memory state, uint256 number) private pure returns (State memory) {
        bool ends = bytes32(number) == state.world.memory_;
        return State(bytes32(uint256(ends ? 1 : 0)), state.code, bytes32(number), state.world);
    }

    function _hash(State memory its) private pure returns (bytes32) {
        bytes32 world = keccak256(abi.encode(its.world));
        return keccak256(abi.encode(keccak256("millrace.state"), its.registers, its.code, its.stack, world));
    }
}
