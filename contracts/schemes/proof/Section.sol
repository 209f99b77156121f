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

    /// @dev In Solidity it takes three times the gas, and a move more than 80,000 in all.
    /// @param start state before the first section
    /// @param ends state after each
    function rootOf(bytes32 start, bytes32[32] memory ends) internal pure returns (bytes32 hash) {
        uint256 sections = Horizon.SECTIONS;
        assembly ("memory-safe") {
            // The states in a row: each section is two neighbours. A row of hashes grows over what it was made of.
            let row := mload(0x40)
            mstore(row, start)
            mcopy(add(row, 0x20), ends, mul(sections, 0x20))
            let end := add(row, mul(sections, 0x20))
            for { let at := row } lt(at, end) { at := add(at, 0x20) } { mstore(at, keccak256(at, 0x40)) }
            for {} gt(sub(end, row), 0x20) {} {
                let to := row
                for { let at := row } lt(at, end) { at := add(at, 0x40) } {
                    mstore(to, keccak256(at, 0x40))
                    to := add(to, 0x20)
                }
                end := to
            }
            hash := mload(row)
        }
    }
}
