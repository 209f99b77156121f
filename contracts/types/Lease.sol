// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Where a lease stands. The first five after None are live; the last three are the end.
enum LeaseStatus {
    None,
    Open, // tickets may be signed and run
    Stopped, // by either party, before its end; what was run can still be claimed
    Claimed, // the provider posted all results at once
    Declined, // the provider gave up; the tasker's rest is free
    Unclaimed, // nobody claimed in time; the tasker's rest is free
    Slashed, // a lie was proven
    Closed, // by both keys
    Final // nothing can be said any more
}

/// @notice All that the chain keeps of a lease besides the hash of a claim: one slot, kept as a tombstone.
struct Lease {
    LeaseStatus status;
    uint8 disputes; // open now
    uint8 demands; // open now, at most 16
    uint8 lateFees; // paid so far out of the collateral
    uint32 closedAfter; // seconds from opening until: stopped, while Stopped; closed over disputes; else claimed,
    // declined or claimBy
    uint96 paid; // fees apart
    uint96 owed; // from a claim on: what it comes to, all fees apart; before: what timed-out disputes take off it
}

/// @notice The same, packed from the lowest bit up. Kept and passed about as one word: the compiler would store a
///         struct field by field, with a read and a write for each.
type LeaseSlot is uint256;

using LeaseSlots for LeaseSlot global;

library LeaseSlots {
    uint256 private constant DISPUTE = 1 << 8;
    uint256 private constant DEMAND = 1 << 16;
    uint256 private constant LATE_FEE = 1 << 24;
    uint256 private constant CLOSED_AFTER = 32;
    uint256 private constant PAID = 64;
    uint256 private constant OWED = 160;

    /// @dev The slot of a lease that just opened.
    LeaseSlot internal constant OPEN = LeaseSlot.wrap(uint256(LeaseStatus.Open));

    function unpack(LeaseSlot slot) internal pure returns (Lease memory) {
        return Lease(
            slot.status(),
            slot.disputes(),
            slot.demands(),
            slot.lateFees(),
            slot.closedAfter(),
            slot.paid(),
            slot.owed()
        );
    }

    function status(LeaseSlot slot) internal pure returns (LeaseStatus) {
        return LeaseStatus(uint8(LeaseSlot.unwrap(slot)));
    }

    function disputes(LeaseSlot slot) internal pure returns (uint8) {
        return uint8(LeaseSlot.unwrap(slot) / DISPUTE);
    }

    function demands(LeaseSlot slot) internal pure returns (uint8) {
        return uint8(LeaseSlot.unwrap(slot) / DEMAND);
    }

    function lateFees(LeaseSlot slot) internal pure returns (uint8) {
        return uint8(LeaseSlot.unwrap(slot) / LATE_FEE);
    }

    function closedAfter(LeaseSlot slot) internal pure returns (uint32) {
        return uint32(LeaseSlot.unwrap(slot) >> CLOSED_AFTER);
    }

    function paid(LeaseSlot slot) internal pure returns (uint96) {
        return uint96(LeaseSlot.unwrap(slot) >> PAID);
    }

    function owed(LeaseSlot slot) internal pure returns (uint96) {
        return uint96(LeaseSlot.unwrap(slot) >> OWED);
    }

    function withStatus(LeaseSlot slot, LeaseStatus value) internal pure returns (LeaseSlot) {
        return _with(slot, 0, type(uint8).max, uint256(value));
    }

    function withClosedAfter(LeaseSlot slot, uint256 value) internal pure returns (LeaseSlot) {
        return _with(slot, CLOSED_AFTER, type(uint32).max, value);
    }

    function withPaid(LeaseSlot slot, uint256 value) internal pure returns (LeaseSlot) {
        return _with(slot, PAID, type(uint96).max, value);
    }

    function withOwed(LeaseSlot slot, uint256 value) internal pure returns (LeaseSlot) {
        return _with(slot, OWED, type(uint96).max, value);
    }

    /// @dev The counts below are kept within their bytes by whoever calls.
    function plusDispute(LeaseSlot slot) internal pure returns (LeaseSlot) {
        return LeaseSlot.wrap(LeaseSlot.unwrap(slot) + DISPUTE);
    }

    function minusDispute(LeaseSlot slot) internal pure returns (LeaseSlot) {
        return LeaseSlot.wrap(LeaseSlot.unwrap(slot) - DISPUTE);
    }

    function plusDemand(LeaseSlot slot) internal pure returns (LeaseSlot) {
        return LeaseSlot.wrap(LeaseSlot.unwrap(slot) + DEMAND);
    }

    function minusDemand(LeaseSlot slot) internal pure returns (LeaseSlot) {
        return LeaseSlot.wrap(LeaseSlot.unwrap(slot) - DEMAND);
    }

    function plusLateFee(LeaseSlot slot) internal pure returns (LeaseSlot) {
        return LeaseSlot.wrap(LeaseSlot.unwrap(slot) + LATE_FEE);
    }

    function _with(LeaseSlot slot, uint256 shift, uint256 mask, uint256 value) private pure returns (LeaseSlot) {
        return LeaseSlot.wrap((LeaseSlot.unwrap(slot) & ~(mask << shift)) | (value << shift));
    }
}
