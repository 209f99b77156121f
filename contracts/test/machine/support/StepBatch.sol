// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Many calls of the machine in one, with what each cost.
contract StepBatch {
    address private immutable MACHINE;

    constructor(address machine) {
        MACHINE = machine;
    }

    /// @param calls each with its selector
    /// @return done whether each succeeded
    /// @return answers what each gave, or why it reverted
    /// @return gas what each used of its own, from a contract that called before
    function run(bytes[] calldata calls)
        external
        view
        returns (bool[] memory done, bytes[] memory answers, uint256[] memory gas)
    {
        address machine = MACHINE;
        done = new bool[](calls.length);
        answers = new bytes[](calls.length);
        gas = new uint256[](calls.length);
        // Warm, as it is from the second call on.
        machine.staticcall("");
        for (uint256 i; i < calls.length; ++i) {
            uint256 before = gasleft();
            (done[i], answers[i]) = machine.staticcall(calls[i]);
            gas[i] = before - gasleft();
        }
    }
}
