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
    function start(Witness memory witness, bytes calldata data) internal pure {
        uint256 position;
        assembly ("memory-safe") {
            position := data.offset
        }
        unchecked {
            witness.position = position;
            witness.end = position + data.length;
        }
    }

    function word(Witness memory witness) internal pure returns (bytes32) {
        return _take(witness, 32);
    }

    /// @dev A number of four bytes.
    function number(Witness memory witness) internal pure returns (uint256) {
        return uint256(_take(witness, 4)) >> 224;
    }

    /// @dev For those who read by themselves.
    function moveTo(Witness memory witness, uint256 position) internal pure {
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
            moveTo(witness, position + size);
            assembly ("memory-safe") {
                taken := calldataload(position)
            }
        }
    }
}
