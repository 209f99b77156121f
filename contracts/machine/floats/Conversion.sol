// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Encoding} from "./Encoding.sol";
import {F32, F64, Format} from "./Format.sol";

/// @title Between floats and integers, and between formats
/// @notice Integers of `width` bits are in two's complement with zeros above.
library Conversion {
    /// @dev What no integer here reaches: with this many bits before the point, a float fits none.
    uint256 private constant WIDEST = 64;

    /// @dev Rounds towards zero.
    /// @return value the nearest that the integer can hold, zero for a NaN: what the saturating instruction yields
    /// @return fits whether nothing but a fraction was lost: if not, the trapping instruction traps
    function toInteger(Format format, uint256 bits, uint256 width, bool signed)
        internal
        pure
        returns (uint256 value, bool fits)
    {
        unchecked {
            if (Encoding.isNan(format, bits)) return (0, false);
            bool negative = bits & format.signBit() != 0;
            uint256 most = (1 << (signed ? width - 1 : width)) - 1;
            if (negative) most = signed ? most + 1 : 0;

            value = _integralPart(format, bits);
            fits = value <= most;
            if (!fits) value = most;
            if (negative) value = (0 - value) & ((1 << width) - 1);
        }
    }

    /// @dev The nearest float.
    function fromInteger(Format format, uint256 value, uint256 width, bool signed) internal pure returns (uint256) {
        unchecked {
            value &= (1 << width) - 1;
            uint256 sign;
            if (signed && value >> (width - 1) != 0) {
                sign = format.signBit();
                value = (1 << width) - value;
            }
            return Encoding.pack(format, sign, int256(format.bias() + format.fractionBits()), value);
        }
    }

    /// @dev f32.demote_f64
    function demote(uint256 bits) internal pure returns (uint256) {
        return _reformat(F64, F32, bits);
    }

    /// @dev f64.promote_f32
    function promote(uint256 bits) internal pure returns (uint256) {
        return _reformat(F32, F64, bits);
    }

    function _reformat(Format from, Format to, uint256 bits) private pure returns (uint256) {
        unchecked {
            if (Encoding.isNan(from, bits)) return to.nan();
            uint256 sign = bits & from.signBit() == 0 ? 0 : to.signBit();
            if (!Encoding.isFinite(from, bits)) return sign | to.infinity();
            (uint256 significand, uint256 exponent) = Encoding.unpack(from, bits);
            int256 moved = int256(to.bias() + to.fractionBits()) - int256(from.bias() + from.fractionBits());
            return Encoding.pack(to, sign, int256(exponent) + moved, significand);
        }
    }

    /// @dev Of the magnitude of a number, or more than any integer if it is so.
    function _integralPart(Format format, uint256 bits) private pure returns (uint256) {
        unchecked {
            (uint256 significand, uint256 exponent) = Encoding.unpack(format, bits);
            if (exponent > format.bias() + WIDEST) return type(uint256).max;
            uint256 point = format.bias() + format.fractionBits();
            return exponent < point ? significand >> (point - exponent) : significand << (exponent - point);
        }
    }
}
