// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Program} from "../machine/types/Program.sol";
import {State} from "../machine/types/State.sol";

/// @title One step of the provable machine
/// @notice `docs/MACHINE.md` specifies it: states, their hashes, steps, witnesses. Without storage, owner or power:
///         same in, same out.
interface IMachine {
    /// @notice The witness is too short or too long, or does not belong to the state. It says nothing about the
    ///         state's successor: make the witness anew.
    error MalformedWitness();
    /// @notice A state of this status has no result: it still runs, or no program comes there.
    error NotFinal(uint256 status);
    /// @notice More bytes of output than any machine has.
    error NoSuchOutput(uint256 length);

    /// @notice The machine's version, a part of every program root.
    function VERSION() external view returns (uint256);

    /// @notice The one successor of a state. Every state has one, and what it costs is bounded by the witness' length.
    /// @param state hash of the state
    /// @param witness what the step sees of it
    /// @return next hash of the successor; `state` itself if that has ended
    function step(bytes32 state, bytes calldata witness) external pure returns (bytes32 next);

    /// @notice The state before the first step.
    /// @param program what the machine is before it
    /// @param input commitment to the input
    /// @param fuel limit
    /// @param outputMax most bytes of output
    /// @return programRoot as a ticket has it: what `program` hashes to
    /// @return state its hash
    function initialState(Program calldata program, bytes32 input, uint64 fuel, uint64 outputMax)
        external
        pure
        returns (bytes32 programRoot, bytes32 state);

    /// @notice A state that has ended, and what came out.
    /// @param last all of the state but its output's root, which follows: whatever stands there is not looked at
    /// @param outputRoot root of the least tree over the output's bytes
    /// @return state its hash
    /// @return status as a Result says it: 0 exited, 1 trapped, 2 out of fuel, 3 stack exhausted, 4 output full
    /// @return fuelLeft of the limit; at most the limit in every state that a canonical program comes to
    /// @return output commitment to its bytes
    function finalState(State calldata last, bytes32 outputRoot)
        external
        pure
        returns (bytes32 state, uint8 status, uint64 fuelLeft, bytes32 output);
}
