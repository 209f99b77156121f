// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice A binary interchange format of IEEE 754: the bits of its infinity, whose fraction is all zeros, with the
///         width of that fraction written into them. Everything else about the format follows from these two.
type Format is uint256;

using {fractionBits, infinity, signBit, bias, nan} for Format global;

Format constant F32 = Format.wrap(0x7f80_0000 | 23);
Format constant F64 = Format.wrap(0x7ff0_0000_0000_0000 | 52);

/// @dev Bits of the fraction: a normal number has one more in its significand, which is not written.
function fractionBits(Format format) pure returns (uint256) {
    return Format.unwrap(format) & 0xff;
}

/// @dev Positive infinity, which is also the mask of the exponent. The bits of any NaN, sign apart, are more.
function infinity(Format format) pure returns (uint256) {
    return Format.unwrap(format) & ~uint256(0xff);
}

function signBit(Format format) pure returns (uint256) {
    unchecked {
        return infinity(format) + (1 << fractionBits(format));
    }
}

/// @dev The exponent as written of numbers from one to less than two.
function bias(Format format) pure returns (uint256) {
    unchecked {
        return infinity(format) >> (fractionBits(format) + 1);
    }
}

/// @dev The canonical NaN: positive, quiet, without a payload. Every operation that yields a NaN yields this one.
function nan(Format format) pure returns (uint256) {
    unchecked {
        return infinity(format) | 1 << (fractionBits(format) - 1);
    }
}
