// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What to compute.
struct Job {
    bytes32 programRoot;
    bytes32 input; // commitment to the input's bytes
    uint64 fuel; // most fuel it may use, flat fuel apart
    uint32 outputMax; // most bytes of output
    uint40 deadline; // by when the result is due; in a job lease the lease's own end counts instead
}

using JobHash for Job global;

library JobHash {
    bytes32 internal constant TYPEHASH =
        keccak256("Job(bytes32 programRoot,bytes32 input,uint64 fuel,uint32 outputMax,uint40 deadline)");

    /// @dev EIP-712 struct hash.
    function hash(Job calldata job) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, job));
    }
}
