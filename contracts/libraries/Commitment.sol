// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Commitments to bytes
/// @notice keccak256(abi.encode(tag, length, root)). The root is that of the Merkle tree over the bytes' 32-byte
///         words, padded with zeros to a power of two; words are leaves as they are, a node is keccak256(left ‖
///         right), and a node over two zero words is zero.
library Commitment {
    bytes32 internal constant TAG = keccak256("millrace.data.v1");
    /// @dev What a transaction may show on chain: 8 KiB costs some 200,000 gas.
    uint256 internal constant MOST = 8192;

    function commit(bytes calldata data) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, data.length, _root(data)));
    }

    function _root(bytes calldata data) private pure returns (bytes32) {
        uint256 words = 1;
        while (words * 32 < data.length) words *= 2;
        bytes32[] memory level = new bytes32[](words);
        for (uint256 i; i * 32 < data.length; ++i) {
            uint256 end = i * 32 + 32;
            // A slice of fewer than 32 bytes is padded with zeros on the right.
            level[i] = bytes32(data[i * 32:end < data.length ? end : data.length]);
        }
        for (; words > 1; words /= 2) {
            for (uint256 i; i < words; i += 2) {
                level[i / 2] = _node(level[i], level[i + 1]);
            }
        }
        return level[0];
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return left | right == 0 ? bytes32(0) : keccak256(abi.encode(left, right));
    }
}
