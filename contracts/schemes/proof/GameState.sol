// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

enum Side {
    Provider,
    Challenger
}

/// @notice Where a game stands, packed from the lowest bit up into one word: calldata is what a move costs.
///
///         | bits | field | |
///         | --- | --- | --- |
///         | 72 | firstStep | number of the split's first step |
///         | 8 | level | each section of the split is 32^level steps |
///         | 8 | turn | the side that has to move; the other one posted the split |
///         | 40 | providerClock | seconds left when the turn began |
///         | 40 | challengerClock | |
///         | 40 | extension | seconds that a move adds |
///         | 40 | movedAt | when the turn began |
type GameState is uint256;

using GameStates for GameState global;

library GameStates {
    uint256 private constant LEVEL = 72;
    uint256 private constant TURN = 80;
    uint256 private constant CLOCK = 88; // the provider's; the challenger's is behind it
    uint256 private constant CLOCK_BITS = 40;
    uint256 private constant EXTENSION = 168;
    uint256 private constant MOVED_AT = 208;

    /// @dev The provider's turn, about a run from its first step on.
    function opened(uint256 level_, uint40 providerClock, uint40 challengerClock, uint40 extension_)
        internal
        view
        returns (GameState)
    {
        uint256 clocks = uint256(challengerClock) << CLOCK_BITS | providerClock;
        uint256 later = block.timestamp << MOVED_AT | uint256(extension_) << EXTENSION;
        return GameState.wrap(later | clocks << CLOCK | level_ << LEVEL);
    }

    /// @dev After a move: the other side's turn.
    /// @param level_ of the new split
    /// @param on steps from the old split's first to the new one's
    /// @param clock the mover's, after its move
    function moved(GameState state, uint256 level_, uint256 on, uint256 clock) internal view returns (GameState) {
        Side mover = state.turn();
        uint256 kept = state.clockOf(other(mover));
        (uint256 provider, uint256 challenger) = mover == Side.Provider ? (clock, kept) : (kept, clock);
        uint256 clocks = challenger << CLOCK_BITS | provider;
        uint256 turns = uint256(other(mover)) << TURN | level_ << LEVEL;
        uint256 later = block.timestamp << MOVED_AT | state.extension() << EXTENSION;
        return GameState.wrap(later | clocks << CLOCK | turns | (state.firstStep() + on));
    }

    function firstStep(GameState state) internal pure returns (uint256) {
        return uint72(GameState.unwrap(state));
    }

    function level(GameState state) internal pure returns (uint256) {
        return uint8(GameState.unwrap(state) >> LEVEL);
    }

    function turn(GameState state) internal pure returns (Side) {
        return Side(uint8(GameState.unwrap(state) >> TURN));
    }

    function clockOf(GameState state, Side side) internal pure returns (uint256) {
        return uint40(GameState.unwrap(state) >> (CLOCK + CLOCK_BITS * uint256(side)));
    }

    function extension(GameState state) internal pure returns (uint256) {
        return uint40(GameState.unwrap(state) >> EXTENSION);
    }

    /// @return when the clock of the side to move runs out
    function deadline(GameState state) internal pure returns (uint256) {
        return (GameState.unwrap(state) >> MOVED_AT) + state.clockOf(state.turn());
    }

    function other(Side side) internal pure returns (Side) {
        return side == Side.Provider ? Side.Challenger : Side.Provider;
    }
}
