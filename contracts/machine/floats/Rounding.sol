// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Encoding} from "./Encoding.sol";
import {Format} from "./Format.sol";

/// @title To an integer that is still a float
/// @notice Signs stay, those of zeros included: what lies between minus one and zero goes up to negative zero.
library Rounding {
    function ceil(Format format, uint256 bits) internal pure returns (uint256) {
        unchecked {
            (uint256 whole, uint256 fraction, uint256 one,) = _split(format, bits);
            return fraction != 0 && bits & format.signBit() == 0 ? whole + one : whole;
        }
    }

    function floor(Format format, uint256 bits) internal pure returns (uint256) {
        unchecked {
            (uint256 whole, uint256 fraction, uint256 one,) = _split(format, bits);
            return fraction != 0 && bits & format.signBit() != 0 ? whole + one : whole;
        }
    }

    function trunc(Format format, uint256 bits) internal pure returns (uint256 whole) {
        (whole,,,) = _split(format, bits);
    }

    /// @dev To the even one of two that are equally near.
    function nearest(Format format, uint256 bits) internal pure returns (uint256) {
        unchecked {
            (uint256 whole, uint256 fraction, uint256 one, uint256 half) = _split(format, bits);
            bool away = fraction > half || (fraction == half && whole & one != 0);
            return away ? whole + one : whole;
        }
    }

    /// @return whole the float's integral part, of its sign; the canonical NaN for any NaN
    /// @return fraction the bits that stand behind it, as a number to compare with `half`; zero if it is integral
    /// @return one added to `whole` makes the next integer away from zero, carries into the exponent included. Its bit
    ///         in `whole` says whether that is odd; at exponent `bias`, the bias' own last bit does, for number one
    /// @return half what `fraction` is for a half; not zero
    function _split(Format format, uint256 bits)
        private
        pure
        returns (uint256 whole, uint256 fraction, uint256 one, uint256 half)
    {
        unchecked {
            uint256 width = format.fractionBits();
            uint256 bias = format.bias();
            uint256 exponent = (bits & format.infinity()) >> width;
            if (exponent >= bias + width) return (Encoding.isNan(format, bits) ? format.nan() : bits, 0, 0, 1);
            if (exponent < bias) {
                return (bits & format.signBit(), Encoding.magnitude(format, bits), bias << width, (bias - 1) << width);
            }
            one = 1 << (bias + width - exponent);
            fraction = bits & (one - 1);
            whole = bits ^ fraction;
            half = one >> 1;
        }
    }
}
