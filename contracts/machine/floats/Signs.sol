// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Format} from "./Format.sol";

/// @title Instructions that touch the sign alone
/// @notice They keep every other bit, a NaN's too: none of them makes a NaN canonical.
library Signs {
    function abs(Format format, uint256 bits) internal pure returns (uint256) {
        return bits & ~format.signBit();
    }

    function neg(Format format, uint256 bits) internal pure returns (uint256) {
        return bits ^ format.signBit();
    }

    /// @dev `a` with the sign of `b`.
    function copysign(Format format, uint256 a, uint256 b) internal pure returns (uint256) {
        return a ^ ((a ^ b) & format.signBit());
    }
}
