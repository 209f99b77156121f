// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {StructHash} from "../libraries/StructHash.sol";

/// @notice A tasker's signed request. Units as in Ask. With `job` set it carries that one job: it is then
///         all or nothing, its first attempt burns `nonce`, attempt n burns `nonce + n`.
struct Bid {
    address account; // pays
    address key; // plain key that signs for the tasker inside every lease of this bid
    address token;
    uint96 maxPrice; // per gigafuel
    uint64 maxJobFuel; // most flat fuel added to each job
    uint64 fuel; // fuel asked for in all, flat fuel included
    uint64 minFuel; // least fuel of one lease
    uint64 maxFuel; // largest job
    uint96 collateral; // least, per gigafuel
    uint96 maxRetainer;
    uint96 maxClaimFee;
    uint96 minLateFee;
    uint32 memoryPages; // needed
    uint40 grace; // time to claim in, after the end
    uint40 window; // challenge window
    uint40 disputeLimit; // longest dispute
    bytes32 scheme; // leaf that must stand under the ask's root
    uint96 bond; // a challenger's
    uint40 end; // latest end of a lease; for a job, of its last attempt
    uint40 attemptTime; // for a job: longest one attempt may take from its opening; 0 = until `end`
    address store; // key whose receipt counts as delivery; 0 = none
    address provider; // 0 = any
    address feeTo;
    uint16 makerFee;
    uint16 takerFee;
    uint8 attempts; // for a job, at least 1
    bytes32 job; // struct hash of the Job it carries; 0 = none
    uint40 expiry;
    uint64 nonce;
}

using BidHash for Bid global;

library BidHash {
    uint256 internal constant WORDS = 29;
    bytes32 internal constant TYPEHASH = keccak256(
        "Bid(address account,address key,address token,uint96 maxPrice,uint64 maxJobFuel,uint64 fuel,uint64 minFuel,"
        "uint64 maxFuel,uint96 collateral,uint96 maxRetainer,uint96 maxClaimFee,uint96 minLateFee,uint32 memoryPages,"
        "uint40 grace,uint40 window,uint40 disputeLimit,bytes32 scheme,uint96 bond,uint40 end,uint40 attemptTime,"
        "address store,address provider,address feeTo,uint16 makerFee,uint16 takerFee,uint8 attempts,bytes32 job,"
        "uint40 expiry,uint64 nonce)"
    );

    /// @dev EIP-712 struct hash.
    function hash(Bid calldata bid) internal pure returns (bytes32) {
        return StructHash.ofCalldata(TYPEHASH, offset(bid), WORDS);
    }

    /// @dev Where it stands in calldata.
    function offset(Bid calldata bid) internal pure returns (uint256 position) {
        assembly {
            position := bid
        }
    }

    /// @dev The order in memory with its hash, by one copy. Bits that do not belong to a field are in the hash
    ///      alone.
    function load(Bid calldata bid) internal pure returns (Bid memory loaded, bytes32 hash_) {
        bytes32 typehash = TYPEHASH;
        uint256 size = WORDS * 32;
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            loaded := add(encoded, 0x20)
            mstore(encoded, typehash)
            calldatacopy(loaded, bid, size)
            mstore(0x40, add(loaded, size))
            hash_ := keccak256(encoded, add(size, 0x20))
        }
    }
}
