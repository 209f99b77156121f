// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice What a step of a lease comes to: what leaves the locks goes to free balances, nothing else.
struct Payment {
    address token;
    address tasker;
    uint256 taskerUnlocks;
    uint256 taskerGets;
    address provider;
    uint256 providerUnlocks;
    uint256 providerGets;
    address feeTo;
    uint256 fee;
    address otherFeeTo; // where the two orders name two
    uint256 otherFee;
}

/// @notice By how much an account's balances change.
struct Movement {
    address account;
    int256 free;
    int256 locked;
}

/// @title What the escrow does for the lease book, and for it alone
interface ILocks {
    /// @notice Movements that would make or lose money: all of them and what is burned must add up to zero.
    error NotConserved(address token, int256 excess);

    /// @notice Locks what both parties of a lease put up, out of their free balances.
    /// @param taskerOperator who signed for the tasker, whose cap counts down; 0 if it signed itself
    /// @param providerOperator the same for the provider
    function lock(
        address token,
        address tasker,
        uint256 taskerAmount,
        address taskerOperator,
        address provider,
        uint256 providerAmount,
        address providerOperator
    ) external;

    /// @notice Pays out of the locks of a lease.
    function pay(Payment calldata payment) external;

    /// @notice Applies any movements, one after another, and adds `burned` to the token's sink.
    function move(address token, Movement[] calldata movements, uint256 burned) external;
}
