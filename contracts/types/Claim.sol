// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice All results of a lease at once: a Merkle-sum tree in which a leaf's position is its ticket's index and a
///         skipped ticket is the zero leaf of sum 0. The chain keeps its hash; callers send it again.
///         leaf = keccak256(abi.encode(keccak256("millrace.claim.leaf.v1"), struct hash of the Result, amount)),
///         node = keccak256(abi.encode(keccak256("millrace.claim.node.v1"), left, sumLeft, right, sumRight)), of
///         zero leaves too; the depth is the least that holds `count` leaves, at most 20, and places past
///         `count` are zero leaves.
struct Claim {
    bytes32 root;
    uint32 count; // of places used, skipped ones included; the last is never skipped
    uint96 sum; // of all amounts
}

/// @notice What stands beside a leaf or a node on its way up the tree.
struct Sibling {
    bytes32 hash;
    uint96 sum;
}

using ClaimHash for Claim global;

library ClaimHash {
    /// @dev What the chain keeps of a claim.
    function hash(Claim calldata claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(claim));
    }
}
