// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IMachine} from "../../interfaces/IMachine.sol";

/// @notice A reader of calldata, from its position to its end.
struct Witness {
    uint256 position;
    uint256 end;
}

using WitnessReader for Witness global;

/// @title Reading a witness, strictly in order
/// @notice It is passed about as one pointer, and whoever reads moves the one position in it. A `bytes calldata` would
///         be two words on the EVM's stack in every function, and a position beside it.
library WitnessReader {
    function from(bytes calldata data) internal pure returns (Witness memory witness) {
        uint256 position;
        assembly ("memory-safe") {
            position := data.offset
        }
        unchecked {
            return Witness(position, position + data.length);
        }
    }

    function word(Witness memory witness) internal pure returns (bytes32) {
        return _take(witness, 32);
    }

    /// @dev A number of four bytes.
    function number(Witness memory witness) internal pure returns (uint256) {
        return uint256(_take(witness, 4)) >> 224;
    }

    /// @dev Reads a word into each place that has a bit in the mask, from the lowest on.
    /// @param mask with no bit beyond the places
    function words(Witness memory witness, uint256 mask, bytes32[] memory into) internal pure {
        uint256 position = witness.position;
        assembly ("memory-safe") {
            for { let place := add(into, 0x20) } mask { place := add(place, 0x20) } {
                if and(mask, 1) {
                    mstore(place, calldataload(position))
                    position := add(position, 0x20)
                }
                mask := shr(1, mask)
            }
        }
        if (position > witness.end) revert IMachine.MalformedWitness();
        witness.position = position;
    }

    /// @dev Checks that nothing is left.
    function close(Witness memory witness) internal pure {
        if (witness.position != witness.end) revert IMachine.MalformedWitness();
    }

    /// @return taken the next 32 bytes, of which so many are taken
    function _take(Witness memory witness, uint256 size) private pure returns (bytes32 taken) {
        unchecked {
            uint256 position = witness.position;
            uint256 next = position + size;
            if (next > witness.end) revert IMachine.MalformedWitness();
            witness.position = next;
            assembly ("memory-safe") {
                taken := calldataload(position)
            }
        }
    }
}
