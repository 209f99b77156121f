// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {LeaseSlot, LeaseStatus} from "../types/Lease.sol";
import {Terms} from "../types/Terms.sol";

/// @title When a lease can do what
library Times {
    /// @dev Claims come before this.
    function claimBy(Terms calldata terms, LeaseSlot lease) internal pure returns (uint256) {
        uint256 end = lease.status() == LeaseStatus.Stopped ? _marked(terms, lease) : terms.end;
        return end + terms.grace;
    }

    /// @dev Nothing new can be said for the provider from here on.
    function closedAt(Terms calldata terms, LeaseSlot lease) internal pure returns (uint256) {
        LeaseStatus status = lease.status();
        if (status == LeaseStatus.Open || status == LeaseStatus.Stopped) return claimBy(terms, lease);
        return _marked(terms, lease);
    }

    /// @dev Challenges come before this, `finalise` from it on.
    function over(Terms calldata terms, LeaseSlot lease) internal pure returns (uint256) {
        return closedAt(terms, lease) + terms.window;
    }

    function _marked(Terms calldata terms, LeaseSlot lease) private pure returns (uint256) {
        return uint256(terms.openedAt) + lease.closedAfter();
    }
}
