// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {StructHash} from "../libraries/StructHash.sol";

/// @notice A provider's signed offer. Amounts are base units of `token`, prices are per gigafuel (10^9 fuel),
///         durations and times are seconds, fees are basis points.
struct Ask {
    address account; // earns, and puts up the collateral
    address key; // plain key that signs for the provider inside every lease of this ask
    address token;
    uint96 price; // per gigafuel
    uint64 jobFuel; // added to each job's own fuel: the flat price of a job
    uint64 capacity; // fuel offered in all
    uint64 minFuel; // least fuel of one lease
    uint64 maxFuel; // largest job
    uint96 collateral; // put up per gigafuel of a lease
    uint96 retainer; // flat, for holding the capacity of a lease
    uint96 claimFee; // for each transaction that the tasker's silence costs: a claim, an answer
    uint96 lateFee; // most it pays for an accepted job that it does not deliver
    uint32 memoryPages; // most linear memory, in pages of 64 KiB
    uint40 maxLease; // longest time from opening to `end`
    uint40 minGrace; // shortest time to claim in; windows and disputes last at least four times as long
    uint40 maxWindow; // longest challenge window
    uint40 maxDispute; // longest dispute
    bytes32 schemes; // Merkle root over the scheme leaves it accepts
    address feeTo; // the matcher that it lets take a fee
    uint16 makerFee; // if this order stood in the book first
    uint16 takerFee; // if it met an older one
    uint40 expiry;
    uint64 nonce;
}

using AskHash for Ask global;

library AskHash {
    uint256 internal constant WORDS = 23;
    bytes32 internal constant TYPEHASH = keccak256(
        "Ask(address account,address key,address token,uint96 price,uint64 jobFuel,uint64 capacity,uint64 minFuel,"
        "uint64 maxFuel,uint96 collateral,uint96 retainer,uint96 claimFee,uint96 lateFee,uint32 memoryPages,"
        "uint40 maxLease,uint40 minGrace,uint40 maxWindow,uint40 maxDispute,bytes32 schemes,address feeTo,"
        "uint16 makerFee,uint16 takerFee,uint40 expiry,uint64 nonce)"
    );

    /// @dev EIP-712 struct hash.
    function hash(Ask calldata ask) internal pure returns (bytes32) {
        return StructHash.ofCalldata(TYPEHASH, offset(ask), WORDS);
    }

    /// @dev Where it stands in calldata.
    function offset(Ask calldata ask) internal pure returns (uint256 position) {
        assembly {
            position := ask
        }
    }

    /// @dev The order in memory with its hash, by one copy. Bits that do not belong to a field are in the hash
    ///      alone.
    function load(Ask calldata ask) internal pure returns (Ask memory loaded, bytes32 hash_) {
        bytes32 typehash = TYPEHASH;
        uint256 size = WORDS * 32;
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            loaded := add(encoded, 0x20)
            mstore(encoded, typehash)
            calldatacopy(loaded, ask, size)
            mstore(0x40, add(loaded, size))
            hash_ := keccak256(encoded, add(size, 0x20))
        }
    }
}
