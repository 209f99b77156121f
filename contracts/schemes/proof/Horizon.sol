// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title How many steps a game is about, at most
/// @notice It follows from the contested fuel alone. The provider, who knows how many steps its run took, may make the
///         game shorter and not longer. A run that has ended repeats its last state, so a horizon beyond its end costs no
///         more than a move.
library Horizon {
    /// @dev Sections a move: 2^5. More make moves dearer, fewer make more of them.
    uint256 internal constant BITS = 5;
    uint256 internal constant SECTIONS = 1 << BITS;

    /// @dev The machine's: no run of a canonical program takes more than STEPS_PER_UNIT * (fuel used + STEPS_FUEL) steps
    ///      (`docs/MACHINE.md`, "Steps and fuel"). Were a run longer, an honest provider could not show its end.
    uint256 internal constant STEPS_PER_UNIT = 32;
    uint256 internal constant STEPS_FUEL = 64;

    /// @dev Of any 64-bit fuel. So many moves a game has at most.
    uint256 internal constant MOST_LEVEL = 14;

    /// @return level the least one of which a single section, 32^level steps, holds the whole run; from 3 to 14
    function levelOf(uint64 fuelUsed) internal pure returns (uint256 level) {
        uint256 steps = STEPS_PER_UNIT * (uint256(fuelUsed) + STEPS_FUEL);
        while (1 << BITS * level < steps) ++level;
    }
}
