// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

interface IFloatUnit {
    function compute(uint256 opcode, uint256 a, uint256 b) external pure returns (uint256 result, bool traps);
}

/// @notice One instruction on many operands in one call, with what each cost.
contract FloatBatch {
    IFloatUnit private immutable UNIT;

    constructor(IFloatUnit unit) {
        UNIT = unit;
    }

    /// @param pairs of operands, 8 bytes each
    /// @return outcomes 16 bytes for each pair: the gas of the call in 7, whether it trapped in 1 (255 if it
    ///         reverted), the result in 8
    function compute(uint256 opcode, bytes calldata pairs) external view returns (bytes memory outcomes) {
        IFloatUnit unit = UNIT;
        bytes4 selector = IFloatUnit.compute.selector;
        outcomes = new bytes(pairs.length);
        assembly ("memory-safe") {
            let question := mload(0x40)
            mstore(question, selector)
            mstore(add(question, 0x04), opcode)
            // Warm, as it is from the second time on.
            pop(staticcall(gas(), unit, question, 0x64, 0, 0))
            for { let at := 0 } lt(at, pairs.length) { at := add(at, 16) } {
                let pair := calldataload(add(pairs.offset, at))
                mstore(add(question, 0x24), shr(192, pair))
                mstore(add(question, 0x44), and(shr(128, pair), 0xffffffffffffffff))
                let before := gas()
                let done := staticcall(gas(), unit, question, 0x64, 0, 0x40)
                let used := sub(before, gas())
                let traps := mload(0x20)
                if iszero(and(done, eq(returndatasize(), 0x40))) { traps := 255 }
                // The word's second half is written over by the next one, or lies behind them all.
                let outcome := or(shl(72, used), or(shl(64, traps), and(mload(0), 0xffffffffffffffff)))
                mstore(add(outcomes, add(0x20, at)), shl(128, outcome))
            }
        }
    }
}
