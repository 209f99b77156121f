// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Horizon} from "./Horizon.sol";

/// @title The chess clocks
/// @notice Shares of the time that the case has. A challenger plays the games that it opens; a provider plays all that
///         anybody opens, over whatever leases it has, so it has the time of four runs one after the other. Since moves
///         are at most as many as levels, both clocks and all extensions fit, and a last part is left for somebody to
///         call `timeout`: every game can end before ruleBy.
///
///         | of the time left | of 64 parts |
///         | --- | --- |
///         | the provider's clock: up to four runs of a program, and the waiting | 40 |
///         | the challenger's clock: one run, and the waiting | 10 |
///         | all extensions, in equal parts: a replay of a 32nd or less, and a transaction | 8 |
///         | to end the game | 6 |
library Clock {
    uint256 internal constant PARTS = 64;
    uint256 internal constant PROVIDER = 40;
    uint256 internal constant CHALLENGER = 10;
    uint256 internal constant MOVES = 8;

    /// @dev With less, a move in the longest game adds nothing, and whoever opens wins by the clock.
    uint256 internal constant LEAST = PARTS * Horizon.MOST_LEVEL / MOVES;

    function ofProvider(uint256 left) internal pure returns (uint40) {
        return uint40(left * PROVIDER / PARTS);
    }

    function ofChallenger(uint256 left) internal pure returns (uint40) {
        return uint40(left * CHALLENGER / PARTS);
    }

    /// @dev What a move adds.
    /// @param level of the game when it opens, which is the most moves that it has
    function extension(uint256 left, uint256 level) internal pure returns (uint40) {
        return uint40(left * MOVES / (PARTS * level));
    }
}
