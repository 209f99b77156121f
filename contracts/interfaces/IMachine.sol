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
    /// @notice The parts hash to another program root.
    error NotTheProgram(bytes32 programRoot, bytes32 given);
    /// @notice The preimage hashes to another state.
    error NotTheState(bytes32 state, bytes32 given);
    /// @notice A state of this status has no result: it still runs, or no program comes there.
    error NotFinal(uint256 status);
    /// @notice The root is not that of the state's output.
    error NotTheOutput(bytes32 outputRoot);

    /// @notice The machine's version, a part of every program root.
    function VERSION() external view returns (uint256);

    /// @notice The one successor of a state. Every state has one, and what it costs is bounded by the witness' length.
    /// @param state hash of the state
    /// @param witness what the step sees of it
    /// @return next hash of the successor; `state` itself if that has ended
    function step(bytes32 state, bytes calldata witness) external pure returns (bytes32 next);

    /// @notice The state before the first step.
    /// @param programRoot as in the ticket
    /// @param program what it stands for
    /// @param input commitment to the input
    /// @param fuel limit
    /// @param outputMax most bytes of output
    /// @return state its hash
    function initialState(bytes32 programRoot, Program calldata program, bytes32 input, uint64 fuel, uint64 outputMax)
        external
        pure
        returns (bytes32 state);

    /// @notice What came out, by a state that has ended.
    /// @param state hash of the state
    /// @param preimage all of it
    /// @param outputRoot root of the least tree over the output's bytes
    /// @return status as a Result says it: 0 exited, 1 trapped, 2 out of fuel, 3 stack exhausted, 4 output full
    /// @return fuelLeft of the limit; at most the limit in every state that a canonical program comes to
    /// @return output commitment to its bytes
    function resultOf(bytes32 state, State calldata preimage, bytes32 outputRoot)
        external
        pure
        returns (uint8 status, uint64 fuelLeft, bytes32 output);
}
