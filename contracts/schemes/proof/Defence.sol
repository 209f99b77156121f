// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Program} from "../../machine/types/Program.sol";
import {Sizes} from "../../machine/types/Sizes.sol";
import {State} from "../../machine/types/State.sol";
import {World} from "../../machine/types/World.sol";

/// @notice What a provider shows for its result. What can be derived is left out, since a word costs 1,280 gas: program
///         root, most bytes of output, status, fuel used and output follow from the rest, the first state does, and the
///         last one's code and input are the job's.
struct Defence {
    uint64 fuel; // the job's limit
    uint8 level; // each section is 32^level steps; the least that hold the run make the shortest game
    bytes32 code; // what the program root stands for, as in Program
    bytes32 memory_;
    bytes32 slots;
    bytes32 pages;
    bytes32 input; // commitment
    bytes32 registers; // of the last state, as in State and World
    bytes32 sizes;
    bytes32 stack;
    bytes32 lastMemory;
    bytes32 lastSlots;
    bytes32 outputRoot; // of the least tree over the output's bytes
    bytes32[31] states; // after each section but the last
}

using Defences for Defence global;

library Defences {
    function program(Defence calldata defence) internal pure returns (Program memory) {
        return Program(defence.code, defence.memory_, defence.slots, defence.pages);
    }
}
