// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {StructHash} from "../../libraries/StructHash.sol";

enum Side {
    Provider,
    Challenger
}

/// @notice A game as calls bring it along. The scheme keeps nothing but its hash, together with what stands contested:
///         the hash of the Computation until the provider defended, then the root of the newest split's sections.
struct Game {
    bytes32 id; // of receiver and case
    address challenger;
    address provider;
    bytes32 start; // state before the split's first section; 0 until the provider defended
    uint72 firstStep; // number of that state's step
    uint8 level; // each section of the split is 32^level steps
    Side turn; // who has to move; the other one posted the split
    uint40 providerClock; // seconds left when the turn began
    uint40 challengerClock;
    uint40 extension; // seconds that a move adds
    uint40 movedAt;
}

library GameHash {
    bytes32 internal constant TAG = keccak256("millrace.game.v1");
    uint256 private constant WORDS = 11;

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
}
