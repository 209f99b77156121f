// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Encoding} from "./Encoding.sol";
import {Format} from "./Format.sol";

/// @title Which of two floats is more
/// @notice A NaN is unequal to everything, itself included, and neither more nor less. Both zeros are equal, except
///         that `min` and `max` put the negative one below.
library Comparison {
    function eq(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return _ordered(format, a, b) && _order(format, a) == _order(format, b);
    }

    function ne(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return !eq(format, a, b);
    }

    function lt(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return _ordered(format, a, b) && _order(format, a) < _order(format, b);
    }

    function gt(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return lt(format, b, a);
    }

    function le(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return _ordered(format, a, b) && _order(format, a) <= _order(format, b);
    }

    function ge(Format format, uint256 a, uint256 b) internal pure returns (bool) {
        return le(format, b, a);
    }

    /// @dev The canonical NaN if either is a NaN.
    function min(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        if (!_ordered(format, a, b)) return format.nan();
        (int256 left, int256 right) = (_order(format, a), _order(format, b));
        // Equal ones differ in a zero's sign at most.
        if (left == right) return a | b;
        return left < right ? a : b;
    }

    /// @dev The canonical NaN if either is a NaN.
    function max(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        if (!_ordered(format, a, b)) return format.nan();
        (int256 left, int256 right) = (_order(format, a), _order(format, b));
        if (left == right) return a & b;
        return left > right ? a : b;
    }

    function _ordered(Format format, uint256 a, uint256 b) private pure returns (bool) {
        return !Encoding.isNan(format, a) && !Encoding.isNan(format, b);
    }

    /// @dev An integer that grows with the number.
    function _order(Format format, uint256 bits) private pure returns (int256) {
        unchecked {
            int256 size = int256(Encoding.magnitude(format, bits));
            return bits & format.signBit() == 0 ? size : -size;
        }
    }
}
