// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ClaimTree} from "../../libraries/ClaimTree.sol";
import {Commitment} from "../../libraries/Commitment.sol";
import {Money} from "../../libraries/Money.sol";
import {Slash} from "../../libraries/Slash.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Terms} from "../../types/Terms.sol";

/// @notice The contracts' pure functions, within reach of a test.
contract Pure {
    function most(Terms calldata terms) external pure returns (uint256) {
        return Money.most(terms);
    }

    function leftOfLock(Terms calldata terms, uint256 paid) external pure returns (uint256) {
        return Money.leftOfLock(terms, paid);
    }

    function leftOfCollateral(Terms calldata terms, uint256 lateFees) external pure returns (uint256) {
        return Money.leftOfCollateral(terms, lateFees);
    }

    function ofJob(Terms calldata terms, uint64 fuelUsed) external pure returns (uint256) {
        return Money.ofJob(terms, fuelUsed);
    }

    function atMost(uint96 rate, uint64 fuel) external pure returns (uint256) {
        return Money.atMost(rate, fuel);
    }

    function ofCollateral(uint256 collateral, Scheme calldata scheme, bool ruled)
        external
        pure
        returns (uint256, uint256, uint256, uint256)
    {
        return Slash.ofCollateral(collateral, scheme, ruled);
    }

    function ofBond(uint256 bond, Scheme calldata scheme) external pure returns (uint256, uint256, uint256) {
        return Slash.ofBond(bond, scheme);
    }

    function holds(Claim calldata claim, uint32 index, bytes32 leaf, uint256 amount, Sibling[] calldata path)
        external
        pure
        returns (bool)
    {
        return ClaimTree.holds(claim, index, leaf, amount, path);
    }

    function leaf(bytes32 result, uint256 amount) external pure returns (bytes32) {
        return ClaimTree.leaf(result, amount);
    }

    function places(uint32 count) external pure returns (uint256) {
        return ClaimTree.places(count);
    }

    function commit(bytes calldata data) external pure returns (bytes32) {
        return Commitment.commit(data);
    }
}
