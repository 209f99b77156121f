// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Horizon} from "./Horizon.sol";

/// @notice One section of a split, with the way to the split's root.
struct Section {
    uint8 index;
    bytes32 from; // state before it
    bytes32 to; // state after it, as its poster says
    bytes32[5] siblings; // from the leaf upwards
}

using Sections for Section global;

/// @title The tree over a split
/// @notice Its leaves are sections, keccak(from ‖ to), not states: one path shows both ends, and the contract itself
///         has made sure that each section begins where the one before it ends. All paths are of one length, so no node
///         passes for a leaf.
library Sections {
    /// @dev Of the split to which the section belongs.
    function root(Section calldata section) internal pure returns (bytes32 hash) {
        hash = Hashes.efficientKeccak256(section.from, section.to);
        for (uint256 level; level < Horizon.BITS; ++level) {
            bytes32 beside = section.siblings[level];
            hash = section.index >> level & 1 == 0
                ? Hashes.efficientKeccak256(hash, beside)
                : Hashes.efficientKeccak256(beside, hash);
        }
    }

    /// @dev Of a split. In Solidity it takes three times the gas, and a move more than 80,000 in all.
    /// @param row where 33 states stand in memory: before the first section, and after each. What it leaves there is
    ///        nobody's.
    function rootInPlace(uint256 row) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let to := row
            // Four sections, each two neighbours, to the node above them.
            for { let at := row } lt(at, add(row, 0x400)) { at := add(at, 0x80) } {
                mstore(at, keccak256(at, 0x40))
                mstore(add(at, 0x20), keccak256(add(at, 0x20), 0x40))
                mstore(add(at, 0x40), keccak256(add(at, 0x40), 0x40))
                mstore(add(at, 0x60), keccak256(add(at, 0x60), 0x40))
                mstore(at, keccak256(at, 0x40))
                mstore(add(at, 0x20), keccak256(add(at, 0x40), 0x40))
                mstore(to, keccak256(at, 0x40))
                to := add(to, 0x20)
            }
            // Eight such nodes to the root.
            for { let nodes := 4 } nodes { nodes := shr(1, nodes) } {
                to := row
                for { let at := row } lt(at, add(row, shl(6, nodes))) { at := add(at, 0x40) } {
                    mstore(to, keccak256(at, 0x40))
                    to := add(to, 0x20)
                }
            }
            hash := mload(row)
        }
    }
}
