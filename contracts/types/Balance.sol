// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What an account has of a token: free in the low 128 bits, locked in the high ones. One word, because the
///         compiler would write the two halves of a struct one after the other.
type Balance is uint256;

using Balances for Balance global;

library Balances {
    function pack(uint256 free_, uint256 locked_) internal pure returns (Balance) {
        return Balance.wrap(locked_ << 128 | free_);
    }

    function free(Balance balance) internal pure returns (uint256) {
        return uint128(Balance.unwrap(balance));
    }

    function locked(Balance balance) internal pure returns (uint256) {
        return Balance.unwrap(balance) >> 128;
    }
}
