// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim, Sibling} from "../types/Claim.sol";

/// @title The Merkle-sum tree of a claim
library ClaimTree {
    bytes32 internal constant LEAF_TAG = keccak256("millrace.claim.leaf.v1");
    bytes32 internal constant NODE_TAG = keccak256("millrace.claim.node.v1");
    uint256 internal constant MOST_LEAVES = 1 << 20;

    function leaf(bytes32 result, uint256 amount) internal pure returns (bytes32) {
        return keccak256(abi.encode(LEAF_TAG, result, amount));
    }

    /// @dev Places in the tree over `count` leaves, those of its padding included.
    function places(uint32 count) internal pure returns (uint256 size) {
        if (count == 0) return 0;
        for (size = 1; size < count;) {
            size *= 2;
        }
    }

    /// @dev Whether nothing beside the path comes to more than its places can earn, at `most` a place.
    function plausible(Sibling[] calldata path, uint256 most) internal pure returns (bool) {
        for (uint256 level; level < path.length; ++level) {
            if (path[level].sum > most << level) return false;
        }
        return true;
    }

    /// @dev Whether `leaf_` of `amount` stands at `index`. The path's length is fixed by the count: were it free,
    ///      one index could name two leaves.
    function holds(Claim calldata claim, uint32 index, bytes32 leaf_, uint256 amount, Sibling[] calldata path)
        internal
        pure
        returns (bool)
    {
        uint256 size = places(claim.count);
        if (index >= size || size != 1 << path.length) return false;

        (bytes32 hash, uint256 sum) = (leaf_, amount);
        for (uint256 level; level < path.length; ++level) {
            Sibling calldata beside = path[level];
            hash = (index >> level) & 1 == 0
                ? keccak256(abi.encode(NODE_TAG, hash, sum, beside.hash, beside.sum))
                : keccak256(abi.encode(NODE_TAG, beside.hash, beside.sum, hash, sum));
            sum += beside.sum;
        }
        return hash == claim.root && sum == claim.sum;
    }
}
