// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Game, GameHash} from "./Game.sol";
import {GameState} from "./GameState.sol";
import {Sections} from "./Section.sol";

/// @title What a move leaves behind: a hash for the game's slot, and an event
library Posting {
    /// @dev In assembly, for the event and both hashes are over words that stand in one row: the compiler would lay
    ///      them out three times, for 4,000 gas.
    /// @param topic of the event Split
    /// @param state after the move
    /// @param start state before the first section
    /// @param states after each section but the last
    /// @param last state after that
    /// @return kept what the slot is to hold
    function post(
        bytes32 topic,
        Game calldata game,
        GameState state,
        bytes32 start,
        bytes32[31] calldata states,
        bytes32 last
    ) internal returns (bytes32 kept) {
        bytes32 tag = GameHash.TAG;
        uint256 row;
        assembly ("memory-safe") {
            // Tag, game (5 words), start, 32 ends. Scratch: nothing is allocated after it before it has done its work.
            let first := mload(0x40)
            mstore(first, tag)
            calldatacopy(add(first, 0x20), game, 0x80)
            mstore(add(first, 0xa0), state)
            row := add(first, 0xc0)
            mstore(row, start)
            calldatacopy(add(row, 0x20), states, 0x3e0)
            mstore(add(row, 0x400), last)

            kept := keccak256(first, 0xc0)
            log2(add(first, 0x20), 0x4c0, topic, calldataload(game))
        }
        return Hashes.efficientKeccak256(kept, Sections.rootInPlace(row));
    }
}
