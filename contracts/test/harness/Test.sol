// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Vm} from "./Vm.sol";

/// @notice Assertions, all of which say what they looked at, and the cheatcodes.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unequal(string what, uint256 actual, uint256 expected);
    error TooMuch(string what, uint256 actual, uint256 most);
    error Untrue(string what);

    function same(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert Unequal(what, actual, expected);
    }

    function same(address actual, address expected, string memory what) internal pure {
        same(uint256(uint160(actual)), uint256(uint160(expected)), what);
    }

    function same(bytes32 actual, bytes32 expected, string memory what) internal pure {
        same(uint256(actual), uint256(expected), what);
    }

    function same(bytes memory actual, bytes memory expected, string memory what) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert Untrue(what);
    }

    function atMost(uint256 actual, uint256 most, string memory what) internal pure {
        if (actual > most) revert TooMuch(what, actual, most);
    }

    function holds(bool truth, string memory what) internal pure {
        if (!truth) revert Untrue(what);
    }

    /// @dev The next call must revert with exactly this.
    function refuses(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    /// @dev Folds a fuzzed value into a range without throwing any away.
    function within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        uint256 size = most - least + 1;
        return size == 0 ? value : least + value % size;
    }
}
