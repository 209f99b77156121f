// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim, Sibling} from "../../types/Claim.sol";

/// @notice Merkle-sum trees, built the slow and obvious way: by recursion over all leaves.
library Trees {
    bytes32 private constant LEAF = keccak256("millrace.claim.leaf.v1");
    bytes32 private constant NODE = keccak256("millrace.claim.node.v1");

    function leaf(bytes32 result, uint256 amount) internal pure returns (Sibling memory) {
        return Sibling(keccak256(abi.encode(LEAF, result, amount)), uint96(amount));
    }

    /// @dev The claim over these leaves, all of their places counted.
    function claim(Sibling[] memory leaves) internal pure returns (Claim memory) {
        Sibling memory root = _node(leaves, 0, _places(leaves.length));
        return Claim(root.hash, uint32(leaves.length), root.sum);
    }

    function path(Sibling[] memory leaves, uint256 index) internal pure returns (Sibling[] memory siblings) {
        uint256 depth;
        while ((1 << depth) < leaves.length) ++depth;
        siblings = new Sibling[](depth);
        for (uint256 level; level < depth; ++level) {
            uint256 beside = (index >> level) ^ 1;
            siblings[level] = _node(leaves, beside << level, 1 << level);
        }
    }

    function _node(Sibling[] memory leaves, uint256 from, uint256 size) private pure returns (Sibling memory) {
        if (size == 1) return from < leaves.length ? leaves[from] : Sibling(0, 0);
        Sibling memory left = _node(leaves, from, size / 2);
        Sibling memory right = _node(leaves, from + size / 2, size / 2);
        bytes32 hash =
            keccak256(abi.encode(NODE, left.hash, uint256(left.sum), right.hash, uint256(right.sum)));
        return Sibling(hash, left.sum + right.sum);
    }

    function _places(uint256 count) private pure returns (uint256 places) {
        for (places = 1; places < count;) places *= 2;
    }
}
