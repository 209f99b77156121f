// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {LeaseSlot} from "../types/Lease.sol";
import {Scheme} from "../types/Scheme.sol";
import {Terms} from "../types/Terms.sol";
import {Guilt} from "./ILeases.sol";

/// @notice What keeps a lease from being finalised while it is open.
enum Matter {
    Dispute,
    Demand
}

/// @title What the lease book does for the `disputes` and `demands` contracts, and for them alone
/// @notice A matter is opened with a stake of its opener's (a bond, a fee) and ended by exactly one of the others,
///         with the same opener and stake. Those two contracts judge when; the book keeps count and moves the
///         money.
interface IDocket {
    /// @notice Only the `disputes` and `demands` contracts may call this.
    error NotTheDocket(address caller);
    /// @notice No place for another: at most 255 disputes and 16 demands at a time.
    error TooManyOpen(bytes32 id);

    /// @notice The lease as it stands, 0 if it never opened.
    function slotOf(bytes32 id) external view returns (LeaseSlot);

    /// @notice Opens a matter of a live lease and locks `stake` out of `opener`'s free balance.
    function enter(Terms calldata terms, Matter matter, address opener, uint96 stake) external;

    /// @notice Ends a matter and hands the stake to `to`.
    function release(Terms calldata terms, Matter matter, address opener, uint96 stake, address to) external;

    /// @notice Ends a dispute whose bond pays the arbiter.
    /// @param wrong whether its challenger lost: then nothing of the bond comes back, else all that the fee leaves
    function forfeit(Terms calldata terms, Scheme calldata scheme, address challenger, uint96 stake, bool wrong)
        external;

    /// @notice Ends a dispute that nobody ruled; `amount` is taken off what the lease's claim comes to.
    function voidJob(Terms calldata terms, address challenger, uint96 stake, uint96 amount) external;

    /// @notice Ends a demand for an accepted job that was not delivered: the late fee goes to the tasker. Reverts
    ///         StillContested while a dispute is open.
    function chargeLate(Terms calldata terms, address asker, uint96 stake) external;

    /// @notice Ends the lease: slashes its collateral, returns the tasker's lock and, with a share, the winner's
    ///         stake. What ends is a dispute for a verdict, a demand for a leaf not shown, nothing for an
    ///         equivocation. While a dispute is open, only a verdict earns the winner's share; else it burns.
    function slash(Terms calldata terms, Scheme calldata scheme, Guilt guilt, address winner, uint96 stake) external;
}
