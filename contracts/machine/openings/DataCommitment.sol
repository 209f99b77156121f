// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Commitment} from "../../libraries/Commitment.sol";

/// @title Commitments to bytes, by their length and root
library DataCommitment {
    uint256 private constant LEAF = 32;

    function over(uint256 length, bytes32 root) internal pure returns (bytes32) {
        return keccak256(abi.encode(Commitment.TAG, length, root));
    }

    /// @dev Levels of the least tree over so many bytes.
    function depth(uint256 length) internal pure returns (uint256) {
        return Math.log2(Math.ceilDiv(length, LEAF), Math.Rounding.Ceil);
    }

    /// @dev The root of a deeper tree with the same leaves and zeros behind them.
    /// @param levels how much deeper
    function deepened(bytes32 root, uint256 levels) internal pure returns (bytes32) {
        // Zeros over zeros are zero.
        if (root == 0) return 0;
        assembly ("memory-safe") {
            mstore(0x20, 0)
            for {} levels { levels := sub(levels, 1) } {
                mstore(0, root)
                root := keccak256(0, 0x40)
            }
        }
        return root;
    }
}
