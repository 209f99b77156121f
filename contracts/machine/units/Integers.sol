// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import "../Opcodes.sol" as Op;

/// @title Every integer instruction of WebAssembly, by its opcode
/// @notice Operands and results are 64-bit slots. Of an operand's slot only the bits of its type count; above those of
///         a result's type there are zeros.
library Integers {
    /// @param a the only operand, or the one that was pushed first
    /// @param b the other one, or anything
    /// @return result zero if it traps
    /// @return traps where WebAssembly divides by zero, or past the range
    function compute(uint256 opcode, uint256 a, uint256 b) internal pure returns (uint256 result, bool traps) {
        unchecked {
            if (opcode >= Op.I32_CLZ && opcode <= Op.I64_ROTR) {
                return opcode < Op.I64_CLZ
                    ? _arithmetic(32, opcode - Op.I32_CLZ, uint32(a), uint32(b))
                    : _arithmetic(64, opcode - Op.I64_CLZ, uint64(a), uint64(b));
            }
            if (opcode >= Op.I32_EQZ && opcode <= Op.I64_GE_U) {
                bool truth = opcode < Op.I64_EQZ
                    ? _compare(32, opcode - Op.I32_EQZ, uint32(a), uint32(b))
                    : _compare(64, opcode - Op.I64_EQZ, uint64(a), uint64(b));
                return (truth ? 1 : 0, false);
            }
            return (_convert(opcode, a), false);
        }
    }

    /// @param width bits of the type
    /// @param place in the order that both types' opcodes share
    function _compare(uint256 width, uint256 place, uint256 a, uint256 b) private pure returns (bool) {
        unchecked {
            if (place == 0) return a == 0;
            if (place == 1) return a == b;
            if (place == 2) return a != b;
            // From here on signed and unsigned in turn.
            if (place & 1 != 0) (a, b) = (_ordered(width, a), _ordered(width, b));
            if (place < 5) return a < b;
            if (place < 7) return a > b;
            if (place < 9) return a <= b;
            return a >= b;
        }
    }

    /// @param place in the order that both types' opcodes share
    function _arithmetic(uint256 width, uint256 place, uint256 a, uint256 b)
        private
        pure
        returns (uint256 result, bool traps)
    {
        unchecked {
            uint256 mask = (1 << width) - 1;
            if (place < 3) return (_count(width, place, a), false);
            if (place < 6) {
                if (place == 3) return (a + b & mask, false);
                if (place == 4) return (a - b & mask, false);
                return (a * b & mask, false);
            }
            if (place < 10) return _divide(width, place - 6, a, b);
            if (place == 10) return (a & b, false);
            if (place == 11) return (a | b, false);
            if (place == 12) return (a ^ b, false);

            b &= width - 1;
            if (place == 13) return (a << b & mask, false);
            if (place == 14) return (uint256(_signed(width, a) >> b) & mask, false);
            if (place == 15) return (a >> b, false);
            if (place == 17) b = width - b;
            return ((a << b | a >> width - b) & mask, false);
        }
    }

    /// @param place 0 leading zeros, 1 trailing zeros, 2 ones
    function _count(uint256 width, uint256 place, uint256 a) private pure returns (uint256) {
        unchecked {
            if (place == 0) return a == 0 ? width : width - 1 - Math.log2(a);
            if (place == 1) return a == 0 ? width : Math.log2(a & (0 - a));
            // Sums of ever wider fields, as numbers of 64 bits.
            a = (a & 0x5555555555555555) + (a >> 1 & 0x5555555555555555);
            a = (a & 0x3333333333333333) + (a >> 2 & 0x3333333333333333);
            a = (a & 0x0f0f0f0f0f0f0f0f) + (a >> 4 & 0x0f0f0f0f0f0f0f0f);
            return uint8(a * 0x0101010101010101 >> 56);
        }
    }

    /// @param place 0 quotient, 2 remainder; 1 more for unsigned
    function _divide(uint256 width, uint256 place, uint256 a, uint256 b)
        private
        pure
        returns (uint256 result, bool traps)
    {
        unchecked {
            if (b == 0) return (0, true);
            if (place == 1) return (a / b, false);
            if (place == 3) return (a % b, false);

            (int256 dividend, int256 divisor) = (_signed(width, a), _signed(width, b));
            uint256 mask = (1 << width) - 1;
            if (place == 2) return (uint256(dividend % divisor) & mask, false);
            // The least number by minus one is the only quotient that does not fit.
            if (b == mask && a == 1 << width - 1) return (0, true);
            return (uint256(dividend / divisor) & mask, false);
        }
    }

    function _convert(uint256 opcode, uint256 a) private pure returns (uint256) {
        if (opcode == Op.I32_WRAP_I64 || opcode == Op.I64_EXTEND_I32_U) return uint32(a);
        if (opcode == Op.I64_EXTEND_I32_S || opcode == Op.I64_EXTEND32_S) return _extend(32, a);
        if (opcode == Op.I64_EXTEND8_S) return _extend(8, a);
        if (opcode == Op.I64_EXTEND16_S) return _extend(16, a);
        return uint32(opcode == Op.I32_EXTEND8_S ? _extend(8, a) : _extend(16, a));
    }

    /// @dev A slot with the sign of its low bits in all that stand above them.
    function _extend(uint256 width, uint256 a) private pure returns (uint256) {
        return uint64(uint256(_signed(width, a)));
    }

    /// @dev The number that the low bits are.
    function _signed(uint256 width, uint256 a) private pure returns (int256) {
        unchecked {
            return int256(a << 256 - width) >> 256 - width;
        }
    }

    /// @dev Unsigned numbers in the order of the signed ones.
    function _ordered(uint256 width, uint256 a) private pure returns (uint256) {
        unchecked {
            return a ^ 1 << width - 1;
        }
    }
}
