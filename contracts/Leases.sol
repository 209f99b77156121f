// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Book} from "./leases/Book.sol";
import {Docket} from "./leases/Docket.sol";
import {Opening} from "./leases/Opening.sol";

/// @title Leases
/// @dev Escrow, Leases, Disputes and Demands name each other for good, so addresses are computed before: a
///      deployer with nonce n creates them in this order at n, n + 1, n + 2, n + 3. Each refuses to be anywhere
///      else.
contract Leases is Opening, Docket {
    constructor(address escrow_, address disputes_, address demands_) Book(escrow_, disputes_, demands_) {}
}
