// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {StructHash} from "../libraries/StructHash.sol";

/// @notice All that a lease is. The chain keeps one slot for a lease; callers send its terms again, and the
///         lease's name is their hash: nothing in them can be changed. Times are absolute.
struct Terms {
    bytes32 ask; // digest of the signed order
    bytes32 bid;
    uint64 seq; // the bid's filled amount before this match; for a job, the attempt's number
    address tasker;
    address taskerKey;
    address provider;
    address providerKey;
    address token;
    uint96 price; // the ask's, per gigafuel
    uint64 jobFuel;
    uint64 fuel; // of the whole lease, flat fuel included
    uint64 maxFuel; // largest job; what is claimed for a larger one cannot be shown
    uint96 collateral; // locked for this lease, absolute
    uint96 retainer;
    uint96 claimFee;
    uint96 lateFee;
    uint96 bond;
    uint40 openedAt;
    uint40 end;
    uint40 grace; // 0 in a job lease
    uint40 window;
    uint40 disputeLimit;
    bytes32 scheme; // leaf
    address store;
    bytes32 job;
    address taskerFeeTo;
    uint16 taskerFee; // added to what the tasker pays
    address providerFeeTo;
    uint16 providerFee; // taken from what the provider gets
}

using TermsHash for Terms global;

library TermsHash {
    uint256 internal constant WORDS = 29;
    bytes32 internal constant TYPEHASH = keccak256(
        "Terms(bytes32 ask,bytes32 bid,uint64 seq,address tasker,address taskerKey,address provider,"
        "address providerKey,address token,uint96 price,uint64 jobFuel,uint64 fuel,uint64 maxFuel,uint96 collateral,"
        "uint96 retainer,uint96 claimFee,uint96 lateFee,uint96 bond,uint40 openedAt,uint40 end,uint40 grace,"
        "uint40 window,uint40 disputeLimit,bytes32 scheme,address store,bytes32 job,address taskerFeeTo,"
        "uint16 taskerFee,address providerFeeTo,uint16 providerFee)"
    );

    /// @dev EIP-712 struct hash.
    function hash(Terms calldata terms) internal pure returns (bytes32) {
        return StructHash.ofCalldata(TYPEHASH, offset(terms), WORDS);
    }

    /// @dev Where it stands in calldata.
    function offset(Terms calldata terms) internal pure returns (uint256 position) {
        assembly {
            position := terms
        }
    }

    /// @dev The same before the terms are anywhere but in memory, at opening.
    function hashMemory(Terms memory terms) internal pure returns (bytes32) {
        uint256 position;
        assembly {
            position := terms
        }
        return StructHash.ofMemory(TYPEHASH, position, WORDS);
    }
}
