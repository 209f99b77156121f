// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {ILocks, Movement, Payment} from "./interfaces/ILocks.sol";
import {Balance, Balances} from "./types/Balance.sol";

/// @title Escrow
contract Escrow is IEscrow, ILocks, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Operator {
        uint128 left;
        uint40 until;
    }

    /// @inheritdoc IEscrow
    address public immutable book;
    /// @inheritdoc IEscrow
    mapping(address token => uint256) public sink;

    mapping(address token => mapping(address account => Balance)) private _balances;
    mapping(address account => mapping(address operator => mapping(address token => Operator))) private _operators;

    /// @param book_ the lease book, whose address is known before it is deployed
    constructor(address book_) {
        book = book_;
    }

    modifier onlyBook() {
        if (msg.sender != book) revert NotTheBook(msg.sender);
        _;
    }

    /// @inheritdoc IEscrow
    function deposit(address token, uint256 amount, address account) external nonReentrant returns (uint256) {
        return _deposit(token, amount, account);
    }

    /// @inheritdoc IEscrow
    function depositWithPermit(
        address token,
        uint256 amount,
        address account,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256) {
        // A permit that a stranger sent ahead fails here, and its allowance is there all the same.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return _deposit(token, amount, account);
    }

    /// @inheritdoc IEscrow
    function withdraw(address token, uint256 amount, address to) external nonReentrant {
        Balance balance = _balances[token][msg.sender];
        uint256 free = balance.free();
        if (amount > free) revert InsufficientFunds(token, msg.sender, free, amount);

        _balances[token][msg.sender] = Balances.pack(free - amount, balance.locked());
        emit Withdrawn(token, msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IEscrow
    function setOperator(address operator, address token, uint128 cap, uint40 until) external {
        _operators[msg.sender][operator][token] = Operator(cap, until);
        emit OperatorSet(msg.sender, operator, token, cap, until);
    }

    /// @inheritdoc ILocks
    function lock(
        address token,
        address tasker,
        uint256 taskerAmount,
        address taskerOperator,
        address provider,
        uint256 providerAmount,
        address providerOperator
    ) external onlyBook {
        if (taskerOperator != address(0)) _spend(tasker, taskerOperator, token, taskerAmount);
        if (providerOperator != address(0)) _spend(provider, providerOperator, token, providerAmount);
        _lock(token, tasker, taskerAmount);
        _lock(token, provider, providerAmount);
    }

    /// @inheritdoc ILocks
    function pay(Payment calldata payment) external onlyBook {
        uint256 unlocked = payment.taskerUnlocks + payment.providerUnlocks;
        uint256 paid = payment.taskerGets + payment.providerGets + payment.fee + payment.otherFee;
        if (paid != unlocked) revert NotConserved(payment.token, int256(paid) - int256(unlocked));

        mapping(address => Balance) storage balances = _balances[payment.token];
        _change(balances, payment.tasker, payment.taskerGets, payment.taskerUnlocks);
        _change(balances, payment.provider, payment.providerGets, payment.providerUnlocks);
        if (payment.feeTo == payment.otherFeeTo) {
            _change(balances, payment.feeTo, payment.fee + payment.otherFee, 0);
        } else {
            _change(balances, payment.feeTo, payment.fee, 0);
            _change(balances, payment.otherFeeTo, payment.otherFee, 0);
        }
    }

    /// @inheritdoc ILocks
    function move(address token, Movement[] calldata movements, uint256 burned) external onlyBook {
        int256 excess = int256(burned);
        for (uint256 i; i < movements.length; ++i) {
            Movement calldata movement = movements[i];
            excess += movement.free + movement.locked;
            _move(token, movement);
        }
        if (excess != 0) revert NotConserved(token, excess);
        if (burned != 0) sink[token] += burned;
    }

    /// @inheritdoc IEscrow
    function balanceOf(address account, address token) external view returns (uint256 free, uint256 locked) {
        Balance balance = _balances[token][account];
        return (balance.free(), balance.locked());
    }

    /// @inheritdoc IEscrow
    function operatorOf(address account, address operator, address token)
        external
        view
        returns (uint128 left, uint40 until)
    {
        Operator storage named = _operators[account][operator][token];
        return (named.left, named.until);
    }

    /// @dev Credits what arrived, whatever the token says; its own books are all that it can spoil.
    function _deposit(address token, uint256 amount, address account) private returns (uint256 credited) {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = IERC20(token).balanceOf(address(this));
        if (held <= before) revert NothingArrived(token);

        credited = held - before;
        _change(_balances[token], account, credited, 0);
        emit Deposited(token, account, credited);
    }

    function _spend(address account, address signer, address token, uint256 amount) private {
        Operator storage named = _operators[account][signer][token];
        uint256 left = named.left;
        if (block.timestamp >= named.until || left == 0) revert NotAnOperator(account, signer, token);
        if (amount > left) revert OverSpendingCap(account, signer, token, left, amount);
        named.left = uint128(left - amount);
    }

    function _lock(address token, address account, uint256 amount) private {
        if (amount == 0) return;
        Balance balance = _balances[token][account];
        uint256 free = balance.free();
        if (amount > free) revert InsufficientFunds(token, account, free, amount);
        _balances[token][account] = Balances.pack(free - amount, _fit(balance.locked() + amount));
    }

    /// @dev The book never unlocks more than it locked: underflow here is its error, and panics.
    function _change(
        mapping(address account => Balance) storage balances,
        address account,
        uint256 gets,
        uint256 unlocks
    ) private {
        if (gets | unlocks == 0) return;
        Balance balance = balances[account];
        balances[account] = Balances.pack(_fit(balance.free() + gets), balance.locked() - unlocks);
    }

    function _move(address token, Movement calldata movement) private {
        // Nobody's share, such as that of a leaf without an arbiter.
        if (movement.free | movement.locked == 0) return;
        Balance balance = _balances[token][movement.account];
        int256 free = int256(balance.free()) + movement.free;
        if (free < 0) {
            revert InsufficientFunds(token, movement.account, balance.free(), uint256(-movement.free));
        }
        int256 locked = int256(balance.locked()) + movement.locked;
        assert(locked >= 0); // the book never unlocks more than it locked
        _balances[token][movement.account] = Balances.pack(_fit(uint256(free)), _fit(uint256(locked)));
    }

    function _fit(uint256 amount) private pure returns (uint256) {
        if (amount > type(uint128).max) revert AmountTooLarge(amount);
        return amount;
    }
}
