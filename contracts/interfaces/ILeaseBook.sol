// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDocket} from "./IDocket.sol";
import {ILeases} from "./ILeases.sol";

/// @title The lease book as its disputes and demands see it
interface ILeaseBook is ILeases, IDocket {}
