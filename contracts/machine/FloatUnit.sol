// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Floats} from "./floats/Floats.sol";

/// @title The machine's float instructions as a contract
/// @notice Without state or owner: same in, same out. It is what the tests hold against real processors, as compiled
///         and optimised for a chain.
contract FloatUnit {
    /// @param opcode WebAssembly's, those behind the prefix 0xfc from 0x100 on
    /// @param a the slot of the only operand, or of the one that was pushed first
    /// @param b the slot of the other one, or anything
    /// @return result the slot that the instruction pushes; zero if it traps
    /// @return traps whether it traps instead, as opcodes do that are no float instruction's
    function compute(uint256 opcode, uint256 a, uint256 b) external pure returns (uint256 result, bool traps) {
        return Floats.compute(opcode, a, b);
    }
}
