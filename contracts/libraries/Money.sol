// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Terms} from "../types/Terms.sol";

/// @title What a lease costs
/// @notice Prices are per gigafuel, fees in basis points. What is put up rounds up, what is paid rounds down, and
///         fees follow from the sum paid so far, so that it does not matter in how many parts a lease is paid.
/// @dev Unchecked where the types rule overflow out: the largest product is 96 + 64 + 16 bits.
library Money {
    uint256 internal constant GIGAFUEL = 1e9;
    uint256 internal constant BASIS = 10_000;

    /// @dev Ceiling of an amount at `rate` per gigafuel.
    function atMost(uint96 rate, uint64 fuel) internal pure returns (uint256) {
        unchecked {
            return Math.ceilDiv(uint256(rate) * fuel, GIGAFUEL);
        }
    }

    /// @dev The most that a lease can come to, fees apart.
    function most(Terms calldata terms) internal pure returns (uint256) {
        unchecked {
            return atMost(terms.price, terms.fuel) + terms.retainer + terms.claimFee;
        }
    }

    /// @dev What the tasker locks for it.
    function lockFor(uint256 most_, uint256 taskerFee) internal pure returns (uint256) {
        unchecked {
            return most_ + Math.ceilDiv(most_ * taskerFee, BASIS);
        }
    }

    /// @dev What one job earns.
    function ofJob(Terms calldata terms, uint64 fuelUsed) internal pure returns (uint256) {
        unchecked {
            return uint256(terms.price) * (uint256(fuelUsed) + terms.jobFuel) / GIGAFUEL;
        }
    }

    /// @dev The fee on all that was paid so far.
    function fee(uint256 paid, uint256 rate) internal pure returns (uint256) {
        unchecked {
            return paid * rate / BASIS;
        }
    }

    /// @dev What of the tasker's lock still stands after `paid`.
    function leftOfLock(Terms calldata terms, uint256 paid) internal pure returns (uint256) {
        return lockFor(most(terms), terms.taskerFee) - paid - fee(paid, terms.taskerFee);
    }

    /// @dev What of the collateral still stands after so many late fees. They take half of it at most: the other
    ///      half is there for lies alone.
    function leftOfCollateral(Terms calldata terms, uint256 lateFees) internal pure returns (uint256) {
        return terms.collateral - Math.min(terms.lateFee * lateFees, terms.collateral / 2);
    }
}
