// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title EIP-712 struct hashes of the large structs
/// @notice A struct of value types stands in calldata and in memory as EIP-712 encodes it, so it is copied whole.
///         `abi.encode` goes field by field, which for the 29 of Terms costs 2,600 gas and 1,400 bytes of code more.
///         Bits that do not belong to a field change the hash: nobody signed such an order, and no lease has such
///         terms.
library StructHash {
    /// @param offset where the struct stands in calldata
    function ofCalldata(bytes32 typehash, uint256 offset, uint256 words) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, typehash)
            calldatacopy(add(encoded, 0x20), offset, mul(words, 0x20))
            hash := keccak256(encoded, mul(add(words, 1), 0x20))
        }
    }

    /// @param offset where the struct stands in memory
    function ofMemory(bytes32 typehash, uint256 offset, uint256 words) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, typehash)
            mcopy(add(encoded, 0x20), offset, mul(words, 0x20))
            hash := keccak256(encoded, mul(add(words, 1), 0x20))
        }
    }
}
