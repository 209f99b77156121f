// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Horizon} from "./Horizon.sol";

/// @title The chess clocks
/// @notice Shares of the time that the case has. A provider who has other games open in the lease has more of it: up
///         to four runs of the program one after the other. Since moves are at most as many as levels, all clocks and
///         extensions fit, and a last part is left for somebody to call `timeout`: every game can end before ruleBy.
///
///         | of the time left | of 64 parts |
///         | --- | --- |
///         | the provider's clock: a run of the program, and the waiting; once more for each other game | 10 to 40 |
///         | the challenger's clock: the same, once | 10 |
///         | all extensions, in equal parts: a replay of a 32nd or less, and a transaction | 8 |
///         | to end the game | 6 |
library Clock {
    uint256 internal constant PARTS = 64;
    uint256 internal constant SHARE = 10;
    uint256 internal constant MOST_SHARES = 4;
    uint256 internal constant MOVES = 8;

    /// @dev With less, a move in the longest game adds nothing, and whoever opens wins by the clock.
    uint256 internal constant LEAST = PARTS * Horizon.MOST_LEVEL / MOVES;

    /// @param others disputes that were open in the lease before
    function ofProvider(uint256 left, uint256 others) internal pure returns (uint40) {
        return uint40(left * SHARE * Math.min(1 + others, MOST_SHARES) / PARTS);
    }

    function ofChallenger(uint256 left) internal pure returns (uint40) {
        return uint40(left * SHARE / PARTS);
    }

    /// @dev What a move adds.
    /// @param level of the game when it opens, which is the most moves that it has
    function extension(uint256 left, uint256 level) internal pure returns (uint40) {
        return uint40(left * MOVES / (PARTS * level));
    }
}
