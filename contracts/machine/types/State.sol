// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {World} from "./World.sol";

/// @notice All of a state that its hash names.
struct State {
    bytes32 registers; // packed
    bytes32 code; // roots of regions
    bytes32 stack;
    World world;
}

using StateHash for State global;

library StateHash {
    bytes32 internal constant TAG = keccak256("millrace.state");

    function hash(State memory state) internal pure returns (bytes32) {
        return over(state.registers, state.code, state.stack, state.world.hash());
    }

    /// @dev The same where the world is known by its hash alone.
    function over(bytes32 registers, bytes32 code, bytes32 stack, bytes32 world) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, registers, code, stack, world));
    }
}
