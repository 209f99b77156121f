// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Encoding} from "./Encoding.sol";
import {Format} from "./Format.sol";

/// @title Add, subtract, multiply, divide, square root
library Arithmetic {
    /// @dev Terms whose exponents are further apart than this have the larger one for a sum: the smaller is less than
    ///      a quarter of its last place.
    uint256 private constant REACH = 64;
    /// @dev Bits that a quotient gets below those of the dividend: with the least of dividends and the most of
    ///      divisors it still has two more than f64's significand.
    uint256 private constant QUOTIENT_BITS = 108;
    /// @dev Even. The root of the least radicand still has two bits more than f64's significand.
    uint256 private constant RADICAND_BITS = 110;

    function add(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            if (!Encoding.isFinite(format, a) || !Encoding.isFinite(format, b)) return _addSpecial(format, a, b);
            // The larger first.
            if (Encoding.magnitude(format, a) < Encoding.magnitude(format, b)) (a, b) = (b, a);
            (uint256 large, uint256 exponent) = Encoding.unpack(format, a);
            (uint256 small, uint256 lower) = Encoding.unpack(format, b);

            uint256 apart = exponent - lower;
            if (apart > REACH) return a;
            large <<= apart;
            uint256 signs = (a ^ b) & format.signBit();
            uint256 sum = signs == 0 ? large + small : large - small;
            // Zero is negative only as the sum of negative zeros.
            uint256 sign = (sum == 0 ? a & b : a) & format.signBit();
            return Encoding.pack(format, sign, int256(exponent) - int256(apart), sum);
        }
    }

    function sub(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        return add(format, a, b ^ format.signBit());
    }

    function mul(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 sign = (a ^ b) & format.signBit();
            if (!Encoding.isFinite(format, a) || !Encoding.isFinite(format, b)) {
                (uint256 left, uint256 right) = (Encoding.magnitude(format, a), Encoding.magnitude(format, b));
                uint256 infinite = format.infinity();
                // Zero times infinity is no number.
                bool none = left > infinite || right > infinite || left == 0 || right == 0;
                return none ? format.nan() : sign | infinite;
            }
            (uint256 first, uint256 firstExponent) = Encoding.unpack(format, a);
            (uint256 second, uint256 secondExponent) = Encoding.unpack(format, b);
            int256 exponent = int256(firstExponent + secondExponent) - int256(format.bias() + format.fractionBits());
            return Encoding.pack(format, sign, exponent, first * second);
        }
    }

    function div(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 sign = (a ^ b) & format.signBit();
            if (!Encoding.isFinite(format, a) || !Encoding.isFinite(format, b)) {
                (uint256 left, uint256 right) = (Encoding.magnitude(format, a), Encoding.magnitude(format, b));
                uint256 infinite = format.infinity();
                if (left > infinite || right > infinite || left == right) return format.nan();
                return left == infinite ? sign | infinite : sign;
            }
            (uint256 dividend, uint256 exponent) = Encoding.unpack(format, a);
            (uint256 divisor, uint256 divisorExponent) = Encoding.unpack(format, b);
            if (divisor == 0) return dividend == 0 ? format.nan() : sign | format.infinity();

            dividend <<= QUOTIENT_BITS;
            uint256 quotient = dividend / divisor;
            if (quotient * divisor != dividend) quotient |= 1;
            exponent += format.bias() + format.fractionBits();
            return Encoding.pack(format, sign, int256(exponent) - int256(divisorExponent + QUOTIENT_BITS), quotient);
        }
    }

    function sqrt(Format format, uint256 a) internal pure returns (uint256) {
        unchecked {
            // Also negative zero.
            if (Encoding.magnitude(format, a) == 0) return a;
            // NaNs, and all below zero.
            if (a > format.infinity()) return format.nan();
            if (a == format.infinity()) return a;

            (uint256 radicand, uint256 exponent) = Encoding.unpack(format, a);
            uint256 point = format.bias() + format.fractionBits();
            // Half an exponent must be whole.
            uint256 more = RADICAND_BITS + ((exponent ^ point) & 1);
            radicand <<= more;
            uint256 root = Math.sqrt(radicand);
            if (root * root != radicand) root |= 1;
            int256 doubled = int256(exponent + point) - int256(more);
            return Encoding.pack(format, 0, doubled >> 1, root);
        }
    }

    /// @dev A sum with an infinity or a NaN in it.
    function _addSpecial(Format format, uint256 a, uint256 b) private pure returns (uint256) {
        if (Encoding.isNan(format, a) || Encoding.isNan(format, b)) return format.nan();
        if (Encoding.isFinite(format, a)) return b;
        // Infinities of both signs have no sum.
        return Encoding.isFinite(format, b) || a == b ? a : format.nan();
    }
}
