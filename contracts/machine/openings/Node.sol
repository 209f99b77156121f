// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title Nodes of the trees over regions
library Node {
    /// @dev A node over two zero words is zero, so that what was never written has no size and no cost.
    function over(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return left | right == 0 ? bytes32(0) : Hashes.efficientKeccak256(left, right);
    }
}
