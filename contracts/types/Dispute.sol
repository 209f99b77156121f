// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What a case is. Its id is keccak256(abi.encode(dispute)); the chain keeps one slot, callers send this
///         again.
struct Dispute {
    bytes32 lease;
    uint32 index; // of the ticket
    bytes32 result; // struct hash of the contested Result
    address challenger;
    uint96 bond;
    uint96 amount; // what the contested result would earn
    uint40 openedAt;
}

using DisputeHash for Dispute global;

library DisputeHash {
    /// @dev The case's id. A lease's name is good on one chain and in one lease book only, and so is this.
    function id(Dispute memory dispute) internal pure returns (bytes32) {
        return keccak256(abi.encode(dispute));
    }
}
