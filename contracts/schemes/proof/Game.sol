// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {StructHash} from "../../libraries/StructHash.sol";
import {GameState, Side} from "./GameState.sol";

/// @notice A game as calls bring it along. The scheme keeps nothing but its hash, together with what stands contested:
///         the hash of the Computation until the provider defended, then the root of the newest split's sections.
struct Game {
    bytes32 id; // of receiver and case
    address challenger; // moves
    address provider; // moves, or its key does
    address providerKey;
    GameState state;
}

library GameHash {
    bytes32 internal constant TAG = keccak256("millrace.game.v2");
    uint256 private constant WORDS = 5;

    /// @dev Two receivers' cases of one id are two games.
    function idOf(address receiver, bytes32 caseId) internal pure returns (bytes32) {
        return keccak256(abi.encode(receiver, caseId));
    }

    /// @dev Of a game as a call brings it along.
    function hash(Game calldata game, bytes32 contested) internal pure returns (bytes32) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := game
        }
        return Hashes.efficientKeccak256(StructHash.ofCalldata(TAG, offset, WORDS), contested);
    }

    /// @dev The same of a game in the making.
    function hashOfMemory(Game memory game, bytes32 contested) internal pure returns (bytes32) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := game
        }
        return Hashes.efficientKeccak256(StructHash.ofMemory(TAG, offset, WORDS), contested);
    }

    function mayMove(Game calldata game, address account) internal pure returns (bool) {
        return game.state.turn() == Side.Provider
            ? account == game.provider || account == game.providerKey
            : account == game.challenger;
    }
}
