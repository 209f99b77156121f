// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title The only holder of tokens
/// @notice Free and locked balances for each account and token. Accounts deposit, withdraw and name operators;
///         the lease book alone locks, unlocks and moves. A token can only ever touch its own balances.
interface IEscrow {
    /// @notice `amount` of `token` arrived for `account` (what arrived, which may be less than was sent).
    event Deposited(address indexed token, address indexed account, uint256 amount);
    /// @notice `amount` of `token` left from `account`'s free balance to `to`.
    event Withdrawn(address indexed token, address indexed account, address indexed to, uint256 amount);
    /// @notice `operator` may sign orders for `account` that lock up to `cap` of `token`, before `until`.
    event OperatorSet(
        address indexed account, address indexed operator, address indexed token, uint128 cap, uint40 until
    );

    /// @notice `account` has `free` of `token` and `wanted` was asked for.
    error InsufficientFunds(address token, address account, uint256 free, uint256 wanted);
    /// @notice `signer` is neither `account` nor an operator of it, or no longer.
    error NotAnOperator(address account, address signer, address token);
    /// @notice Only the lease book may call this.
    error NotTheBook(address caller);
    /// @notice No tokens arrived.
    error NothingArrived(address token);
    /// @notice Balances are kept in 128 bits.
    error AmountTooLarge(uint256 amount);
    /// @notice `operator` may lock `left` more of `token` for `account`, and `wanted` was asked for.
    error OverSpendingCap(address account, address operator, address token, uint256 left, uint256 wanted);

    /// @notice Takes `amount` of `token` from the caller and credits what arrived to `account`.
    function deposit(address token, uint256 amount, address account) external returns (uint256 credited);

    /// @notice The same in one transaction, with an EIP-2612 permit of the caller. A permit that somebody
    ///         else already used is no failure as long as the allowance is there.
    function depositWithPermit(
        address token,
        uint256 amount,
        address account,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 credited);

    /// @notice Sends `amount` of the caller's free balance to `to`.
    function withdraw(address token, uint256 amount, address to) external;

    /// @notice Names `operator` for the caller (cap 0 ends it). Operators never withdraw.
    function setOperator(address operator, address token, uint128 cap, uint40 until) external;

    /// @notice What `account` can use and what stands locked under its live leases and disputes.
    function balanceOf(address account, address token) external view returns (uint256 free, uint256 locked);

    /// @notice What `operator` may still lock for `account`, and until when.
    function operatorOf(address account, address operator, address token)
        external
        view
        returns (uint128 left, uint40 until);

    /// @notice The lease book, fixed at deployment.
    function book() external view returns (address);

    /// @notice Burned from slashes and forfeited bonds: nobody's, for ever.
    function sink(address token) external view returns (uint256);
}
