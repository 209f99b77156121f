// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Scheme} from "../types/Scheme.sol";
import {Money} from "./Money.sol";

/// @title Who gets what of a slashed collateral or a forfeited bond
/// @notice Total for every leaf: a share over its bound counts as the bound, so that a careless leaf can neither
///         block a slash nor make it pay to challenge oneself.
library Slash {
    uint256 internal constant LEAST_BURN = 2_000; // basis points of what the arbiter leaves
    uint256 internal constant MOST_TO_WINNER = 1_000;

    /// @param ruled whether an arbiter's verdict brought it about
    function ofCollateral(uint256 collateral, Scheme calldata scheme, bool ruled)
        internal
        pure
        returns (uint256 toArbiter, uint256 toTasker, uint256 toWinner, uint256 burned)
    {
        toArbiter = ruled ? _toArbiter(collateral, scheme) : 0;
        uint256 rest = collateral - toArbiter;
        uint256 winnerShare = Math.min(scheme.winnerShare, MOST_TO_WINNER);
        uint256 taskerShare = Math.min(scheme.taskerShare, Money.BASIS - LEAST_BURN - winnerShare);
        toWinner = rest * winnerShare / Money.BASIS;
        toTasker = rest * taskerShare / Money.BASIS;
        burned = rest - toWinner - toTasker;
    }

    function ofBond(uint256 bond, Scheme calldata scheme)
        internal
        pure
        returns (uint256 toArbiter, uint256 toProvider, uint256 burned)
    {
        toArbiter = _toArbiter(bond, scheme);
        uint256 rest = bond - toArbiter;
        toProvider = rest * (Money.BASIS - LEAST_BURN) / Money.BASIS;
        burned = rest - toProvider;
    }

    /// @dev Without an arbiter nobody has the fee.
    function _toArbiter(uint256 pot, Scheme calldata scheme) private pure returns (uint256) {
        return scheme.arbiter == address(0) ? 0 : Math.min(pot, scheme.arbiterFee);
    }
}
