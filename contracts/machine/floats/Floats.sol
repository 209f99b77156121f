// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Arithmetic} from "./Arithmetic.sol";
import {Comparison} from "./Comparison.sol";
import {Conversion} from "./Conversion.sol";
import {F32, F64, Format} from "./Format.sol";
import {Rounding} from "./Rounding.sol";
import {Signs} from "./Signs.sol";

/// @title Every float instruction of WebAssembly, by its opcode
/// @notice Operands and results are 64-bit slots, as the machine's stack has them. Of an operand's slot only the bits
///         of its type count; above those of a result's type there are zeros. Nothing reverts, whatever comes in.
/// @dev Loads, stores and constants move bits and know no floats; reinterpretation only cuts a slot to its type. Those
///      behind the prefix 0xfc are numbered from 0x100.
library Floats {
    uint256 private constant F32_EQ = 0x5b;
    uint256 private constant F64_EQ = 0x61;
    uint256 private constant F64_GE = 0x66;
    uint256 private constant F32_ABS = 0x8b;
    uint256 private constant F64_ABS = 0x99;
    uint256 private constant F64_COPYSIGN = 0xa6;
    uint256 private constant I32_TRUNC_F32_S = 0xa8;
    uint256 private constant I32_TRUNC_F64_U = 0xab;
    uint256 private constant I64_TRUNC_F32_S = 0xae;
    uint256 private constant I64_TRUNC_F64_U = 0xb1;
    uint256 private constant F32_CONVERT_I32_S = 0xb2;
    uint256 private constant F32_DEMOTE_F64 = 0xb6;
    uint256 private constant F64_CONVERT_I32_S = 0xb7;
    uint256 private constant F64_PROMOTE_F32 = 0xbb;
    uint256 private constant I32_REINTERPRET_F32 = 0xbc;
    uint256 private constant F64_REINTERPRET_I64 = 0xbf;
    uint256 private constant I32_TRUNC_SAT_F32_S = 0x100;
    uint256 private constant I64_TRUNC_SAT_F64_U = 0x107;

    /// @param opcode of an instruction between two floats, on one, or from or to one
    /// @param a the only operand, or the one that was pushed first
    /// @param b the other one, or anything
    /// @return result zero if it traps
    /// @return traps whether a float has no integer to become, or the opcode is none of these
    function compute(uint256 opcode, uint256 a, uint256 b) internal pure returns (uint256 result, bool traps) {
        unchecked {
            if (opcode >= F32_ABS && opcode <= F64_COPYSIGN) {
                return opcode < F64_ABS
                    ? (_arithmetic(F32, opcode - F32_ABS, uint32(a), uint32(b)), false)
                    : (_arithmetic(F64, opcode - F64_ABS, uint64(a), uint64(b)), false);
            }
            if (opcode >= F32_EQ && opcode <= F64_GE) {
                bool truth = opcode < F64_EQ
                    ? _compare(F32, opcode - F32_EQ, uint32(a), uint32(b))
                    : _compare(F64, opcode - F64_EQ, uint64(a), uint64(b));
                return (truth ? 1 : 0, false);
            }
            return _convert(opcode, a);
        }
    }

    /// @param place in the order that both formats' opcodes share
    function _arithmetic(Format format, uint256 place, uint256 a, uint256 b) private pure returns (uint256) {
        if (place < 7) {
            if (place == 0) return Signs.abs(format, a);
            if (place == 1) return Signs.neg(format, a);
            if (place == 2) return Rounding.ceil(format, a);
            if (place == 3) return Rounding.floor(format, a);
            if (place == 4) return Rounding.trunc(format, a);
            if (place == 5) return Rounding.nearest(format, a);
            return Arithmetic.sqrt(format, a);
        }
        if (place == 7) return Arithmetic.add(format, a, b);
        if (place == 8) return Arithmetic.sub(format, a, b);
        if (place == 9) return Arithmetic.mul(format, a, b);
        if (place == 10) return Arithmetic.div(format, a, b);
        if (place == 11) return Comparison.min(format, a, b);
        if (place == 12) return Comparison.max(format, a, b);
        return Signs.copysign(format, a, b);
    }

    /// @param place in the order that both formats' opcodes share
    function _compare(Format format, uint256 place, uint256 a, uint256 b) private pure returns (bool) {
        if (place == 0) return Comparison.eq(format, a, b);
        if (place == 1) return Comparison.ne(format, a, b);
        if (place == 2) return Comparison.lt(format, a, b);
        if (place == 3) return Comparison.gt(format, a, b);
        if (place == 4) return Comparison.le(format, a, b);
        return Comparison.ge(format, a, b);
    }

    function _convert(uint256 opcode, uint256 a) private pure returns (uint256 result, bool traps) {
        unchecked {
            if (opcode >= I32_TRUNC_F32_S && opcode <= I32_TRUNC_F64_U) {
                return _truncate(opcode - I32_TRUNC_F32_S, a);
            }
            if (opcode >= I64_TRUNC_F32_S && opcode <= I64_TRUNC_F64_U) {
                return _truncate(opcode - I64_TRUNC_F32_S + 4, a);
            }
            if (opcode >= F32_CONVERT_I32_S && opcode <= F64_PROMOTE_F32) {
                if (opcode < F32_DEMOTE_F64) return (_fromInteger(F32, opcode - F32_CONVERT_I32_S, a), false);
                if (opcode == F32_DEMOTE_F64) return (Conversion.demote(uint64(a)), false);
                if (opcode < F64_PROMOTE_F32) return (_fromInteger(F64, opcode - F64_CONVERT_I32_S, a), false);
                return (Conversion.promote(uint32(a)), false);
            }
            if (opcode >= I32_TRUNC_SAT_F32_S && opcode <= I64_TRUNC_SAT_F64_U) {
                (result,) = _toInteger(opcode - I32_TRUNC_SAT_F32_S, a);
                return (result, false);
            }
            // i32, i64, f32, f64 in turn.
            if (opcode >= I32_REINTERPRET_F32 && opcode <= F64_REINTERPRET_I64) {
                return ((opcode - I32_REINTERPRET_F32) & 1 == 0 ? uint32(a) : uint64(a), false);
            }
            return (0, true);
        }
    }

    function _truncate(uint256 kind, uint256 a) private pure returns (uint256 result, bool traps) {
        bool fits;
        (result, fits) = _toInteger(kind, a);
        return fits ? (result, false) : (0, true);
    }

    /// @param kind one for unsigned, two for from f64, four for to i64
    function _toInteger(uint256 kind, uint256 a) private pure returns (uint256, bool) {
        uint256 width = kind & 4 == 0 ? 32 : 64;
        bool signed = kind & 1 == 0;
        return kind & 2 == 0
            ? Conversion.toInteger(F32, uint32(a), width, signed)
            : Conversion.toInteger(F64, uint64(a), width, signed);
    }

    /// @param kind one for unsigned, two for from i64
    function _fromInteger(Format format, uint256 kind, uint256 a) private pure returns (uint256) {
        return Conversion.fromInteger(format, a, kind & 2 == 0 ? 32 : 64, kind & 1 == 0);
    }
}
