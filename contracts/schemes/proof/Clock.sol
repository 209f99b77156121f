// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title The chess clocks
/// @notice Both sides begin with the same share of the time that the case has; each move adds a little. Since moves are
///         at most as many as levels, all shares and extensions fit, and a last part is left for somebody to call
///         `timeout`: every game can end before ruleBy.
///
///         | of the time left | parts |
///         | --- | --- |
///         | two shares: a run of the program each, and most of the waiting | 2 * 21 |
///         | 14 extensions: a replay of a 32nd or less, and a transaction | 14 * 1 |
///         | to end the game | 8 |
library Clock {
    uint256 internal constant PARTS = 64;
    uint256 internal constant SHARE = 21;
    uint256 internal constant EXTENSION = 1;

    /// @dev With less, an extension is nothing and a share so short that whoever opens wins by it.
    uint256 internal constant LEAST = PARTS;

    function share(uint256 left) internal pure returns (uint40) {
        return uint40(left * SHARE / PARTS);
    }

    function extension(uint256 left) internal pure returns (uint40) {
        return uint40(left * EXTENSION / PARTS);
    }
}
