// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Format} from "./Format.sol";

/// @title Floats as bits, and as integers that can be reckoned with
/// @notice A finite float is `significand × 2^(exponent − bias − fractionBits)`. Both numbers are as wide as the EVM's
///         words, so that an operation keeps every bit that matters and rounds once, in `pack`.
/// @dev Bits are those of the format alone, with zeros above.
library Encoding {
    /// @dev So far left that every significand must then move right: there is one way to round.
    uint256 private constant GUARD = 64;

    /// @dev The bits without the sign.
    function magnitude(Format format, uint256 bits) internal pure returns (uint256) {
        unchecked {
            return bits & (format.signBit() - 1);
        }
    }

    function isNan(Format format, uint256 bits) internal pure returns (bool) {
        return magnitude(format, bits) > format.infinity();
    }

    /// @dev Whether it is neither infinite nor a NaN.
    function isFinite(Format format, uint256 bits) internal pure returns (bool) {
        return bits & format.infinity() != format.infinity();
    }

    /// @param bits finite
    /// @return significand below `2^(fractionBits + 1)`; zero for a zero alone
    /// @return exponent from one on: subnormal numbers share the least with the smallest normal ones
    function unpack(Format format, uint256 bits) internal pure returns (uint256 significand, uint256 exponent) {
        unchecked {
            uint256 one = 1 << format.fractionBits();
            significand = bits & (one - 1);
            exponent = (bits & format.infinity()) >> format.fractionBits();
            if (exponent == 0) exponent = 1;
            else significand |= one;
        }
    }

    /// @dev The nearest float, the even one of two, infinite where the format ends.
    /// @param sign the sign's bit, or zero
    /// @param exponent as in `unpack`, but free
    /// @param significand below `2^190`. Its last bit may stand for anything that follows it if two more than the
    ///        result's bits stand before it
    function pack(Format format, uint256 sign, int256 exponent, uint256 significand) internal pure returns (uint256) {
        unchecked {
            if (significand == 0) return sign;
            // Where the leading bit must come to stand; below an exponent of one it stays behind.
            int256 target = exponent + int256(Math.log2(significand)) - int256(format.fractionBits());
            if (target < 1) target = 1;

            // Past a word's width a shift leaves zero, which is what so small a number rounds to.
            uint256 drop = uint256(target - exponent + int256(GUARD));
            significand <<= GUARD;
            uint256 rounded = (significand + (1 << (drop - 1)) - 1 + (significand >> drop & 1)) >> drop;

            // The leading bit adds one to the exponent, as does a carry out of the rounding.
            uint256 result = (uint256(target - 1) << format.fractionBits()) + rounded;
            uint256 most = format.infinity();
            return sign | (result < most ? result : most);
        }
    }
}
