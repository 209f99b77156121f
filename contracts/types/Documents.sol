// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Job} from "./Job.sol";

/// @notice One job within a lease; signed by the tasker's key. A job lease's only ticket (index 0) needs no
///         signature.
struct Ticket {
    bytes32 lease;
    uint32 index;
    Job job;
}

/// @notice The provider's word that it fetched program and input, found their roots right, and will run them.
struct Acceptance {
    bytes32 ticket; // struct hash of the Ticket
}

/// @notice The provider's word on what came out. Evidence that can cost its collateral.
struct Result {
    bytes32 ticket; // struct hash of the Ticket
    uint8 status; // 0 exited, 1 trapped, 2 out of fuel, 3 stack exhausted, 4 output full
    uint64 fuelUsed; // flat fuel apart
    bytes32 output; // commitment to the output's bytes
}

/// @notice A receipt that the output was delivered: by the tasker's key or by the store named in the terms.
struct Delivered {
    bytes32 ticket;
    bytes32 output;
}

/// @notice The tasker's word on what it owes in all for a lease, fees apart.
struct Voucher {
    bytes32 lease;
    uint96 owed;
}

/// @notice Both keys' word that the lease is over, with nothing more owed than this.
struct Close {
    bytes32 lease;
    uint96 owed;
    uint40 until; // the signature is good before this time
}

using TicketHash for Ticket global;
using ResultHash for Result global;
using AcceptanceHash for Acceptance global;
using DeliveredHash for Delivered global;
using VoucherHash for Voucher global;
using CloseHash for Close global;

library TicketHash {
    bytes32 internal constant TYPEHASH = keccak256(
        "Ticket(bytes32 lease,uint32 index,Job job)"
        "Job(bytes32 programRoot,bytes32 input,uint64 fuel,uint32 outputMax,uint40 deadline)"
    );

    /// @dev EIP-712 struct hash.
    function hash(Ticket calldata ticket) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, ticket.lease, ticket.index, ticket.job.hash()));
    }
}

library ResultHash {
    bytes32 internal constant TYPEHASH =
        keccak256("Result(bytes32 ticket,uint8 status,uint64 fuelUsed,bytes32 output)");

    /// @dev EIP-712 struct hash.
    function hash(Result calldata result) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, result));
    }
}

library AcceptanceHash {
    bytes32 internal constant TYPEHASH = keccak256("Acceptance(bytes32 ticket)");

    /// @dev EIP-712 struct hash.
    function hash(Acceptance memory acceptance) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, acceptance));
    }
}

library DeliveredHash {
    bytes32 internal constant TYPEHASH = keccak256("Delivered(bytes32 ticket,bytes32 output)");

    /// @dev EIP-712 struct hash.
    function hash(Delivered memory delivered) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, delivered));
    }
}

library VoucherHash {
    bytes32 internal constant TYPEHASH = keccak256("Voucher(bytes32 lease,uint96 owed)");

    /// @dev EIP-712 struct hash.
    function hash(Voucher memory voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, voucher));
    }
}

library CloseHash {
    bytes32 internal constant TYPEHASH = keccak256("Close(bytes32 lease,uint96 owed,uint40 until)");

    /// @dev EIP-712 struct hash.
    function hash(Close memory close) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, close));
    }
}
