// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice Where a state stands. A state that is not running is its own successor.
enum Status {
    Running,
    Exited,
    Trapped,
    OutOfFuel,
    StackExhausted,
    OutputFull
}
