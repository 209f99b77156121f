// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IEscrow} from "../../interfaces/IEscrow.sol";
import {ILocks, Movement, Payment} from "../../interfaces/ILocks.sol";
import {Market} from "../harness/Market.sol";

/// deposit
/// ├── when nothing arrives: it reverts NothingArrived
/// └── when something arrives: it credits that to the account named
/// depositWithPermit
/// ├── when the permit is good: it needs no allowance before
/// ├── when a stranger sent the permit ahead: it goes on with the allowance
/// └── when the permit is bad and there is no allowance: it reverts
/// withdraw
/// ├── when more than the free balance is asked for: it reverts InsufficientFunds
/// └── else: it sends to whom the owner says
/// setOperator: what it may lock and until when, over what was there; cap 0 ends it
/// lock, pay, move
/// ├── when the caller is not the book: they revert NotTheBook
/// └── given the book
///     ├── when an operator is none, is over its date, has an empty cap: lock reverts NotAnOperator
///     ├── when an operator wants more than its cap: lock reverts OverSpendingCap
///     ├── when either party has too little: lock reverts InsufficientFunds
///     ├── when the movements make or lose money: pay and move revert NotConserved
///     ├── when a free balance would fall below zero: move reverts InsufficientFunds
///     ├── when a lock would fall below zero: pay panics, move reverts
///     ├── when a balance would not fit in 128 bits: move reverts AmountTooLarge
///     └── when they add up: all happen, and what is burned is in the sink
contract EscrowTest is Market {
    address private alice = stranger.addr;

    function test_book() public view {
        same(escrow.book(), address(leases), "book");
    }

    // ── deposit ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_deposit() public {
        token.mint(alice, 5 ether);
        vm.prank(alice);
        token.approve(address(escrow), 5 ether);
        uint256 before = _free(tasker.addr);

        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(address(token), tasker.addr, 5 ether);
        vm.prank(alice);
        same(escrow.deposit(address(token), 5 ether, tasker.addr), 5 ether, "credited");
        same(_free(tasker.addr), before + 5 ether, "free");
        _checkSolvent();
    }

    function test_depositNothing() public {
        refuses(abi.encodeWithSelector(IEscrow.NothingArrived.selector, address(token)));
        escrow.deposit(address(token), 0, alice);
    }

    function test_depositTooMuch() public {
        uint256 amount = uint256(type(uint128).max) + 1 - _free(tasker.addr);
        token.mint(address(this), amount);
        token.approve(address(escrow), amount);
        refuses(abi.encodeWithSelector(IEscrow.AmountTooLarge.selector, uint256(type(uint128).max) + 1));
        escrow.deposit(address(token), amount, tasker.addr);
        escrow.deposit(address(token), amount - 1, tasker.addr);
        same(_free(tasker.addr), type(uint128).max, "the most that fits");
    }

    // ── depositWithPermit ───────────────────────────────────────────────────────────────────────────────────────

    function test_permit() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        vm.prank(alice);
        escrow.depositWithPermit(address(token), 3 ether, alice, block.timestamp, v, r, s);
        same(_free(alice), FUNDS + 3 ether, "free");
    }

    function test_permitFrontRun() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        token.permit(alice, address(escrow), 3 ether, block.timestamp, v, r, s);
        vm.prank(alice);
        escrow.depositWithPermit(address(token), 3 ether, alice, block.timestamp, v, r, s);
        same(_free(alice), FUNDS + 3 ether, "free");
    }

    function test_permitBad() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        vm.prank(alice);
        vm.expectRevert();
        escrow.depositWithPermit(address(token), 4 ether, alice, block.timestamp, v, r, s);
    }

    /// @dev Only the permit's own signer pays: a stranger cannot spend it for himself.
    function test_permitOfAnother() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        vm.prank(challenger.addr);
        vm.expectRevert();
        escrow.depositWithPermit(address(token), 3 ether, challenger.addr, block.timestamp, v, r, s);
    }

    // ── withdraw ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_withdraw() public {
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(address(token), tasker.addr, alice, 7);
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), 7, alice);
        same(_free(tasker.addr), FUNDS - 7, "free");
        same(token.balanceOf(alice), 7, "arrived");
        _checkSolvent();
    }

    function test_withdrawAll() public {
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), FUNDS, tasker.addr);
        same(_free(tasker.addr), 0, "free");
    }

    function test_withdrawTooMuch() public {
        refuses(_insufficient(tasker.addr, FUNDS, FUNDS + 1));
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), FUNDS + 1, tasker.addr);
    }

    function test_withdrawLocked() public {
        _lock(tasker.addr, 10, address(0), provider.addr, 0, address(0));
        refuses(_insufficient(tasker.addr, FUNDS - 10, FUNDS));
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), FUNDS, tasker.addr);
    }

    // ── operators ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_setOperator() public {
        _setOperator(100, uint40(block.timestamp + 1));
        _setOperator(0, 0);
    }

    function test_operatorsCap() public {
        _setOperator(100, uint40(block.timestamp + 1));
        _lock(tasker.addr, 60, alice, provider.addr, 0, address(0));
        (uint128 left,) = escrow.operatorOf(tasker.addr, alice, address(token));
        same(left, 40, "left");

        refuses(
            abi.encodeWithSelector(IEscrow.OverSpendingCap.selector, tasker.addr, alice, address(token), 40, 41)
        );
        _lock(tasker.addr, 41, alice, provider.addr, 0, address(0));
        _lock(tasker.addr, 40, alice, provider.addr, 0, address(0));
        refuses(_noOperator());
        _lock(tasker.addr, 0, alice, provider.addr, 0, address(0));
    }

    function test_operatorsDate() public {
        _setOperator(100, uint40(block.timestamp + 10));
        vm.warp(block.timestamp + 9);
        _lock(provider.addr, 0, address(0), tasker.addr, 1, alice);
        vm.warp(block.timestamp + 1);
        refuses(_noOperator());
        _lock(provider.addr, 0, address(0), tasker.addr, 1, alice);
    }

    function test_noOperator() public {
        refuses(_noOperator());
        _lock(tasker.addr, 1, alice, provider.addr, 0, address(0));
    }

    function test_operatorOfAnotherToken() public {
        vm.prank(tasker.addr);
        escrow.setOperator(alice, address(escrow), 100, uint40(block.timestamp + 10));
        refuses(_noOperator());
        _lock(tasker.addr, 1, alice, provider.addr, 0, address(0));
    }

    function test_operatorCannotWithdraw() public {
        vm.prank(challenger.addr);
        escrow.withdraw(address(token), FUNDS, challenger.addr);
        vm.prank(tasker.addr);
        escrow.setOperator(challenger.addr, address(token), type(uint128).max, type(uint40).max);
        refuses(_insufficient(challenger.addr, 0, 1));
        vm.prank(challenger.addr);
        escrow.withdraw(address(token), 1, challenger.addr);
    }

    // ── the book's own ──────────────────────────────────────────────────────────────────────────────────────────

    function test_notTheBook() public {
        refuses(abi.encodeWithSelector(IEscrow.NotTheBook.selector, address(this)));
        ILocks(address(escrow)).lock(address(token), tasker.addr, 1, address(0), provider.addr, 1, address(0));
        refuses(abi.encodeWithSelector(IEscrow.NotTheBook.selector, address(this)));
        ILocks(address(escrow)).move(address(token), new Movement[](0), 0);
        refuses(abi.encodeWithSelector(IEscrow.NotTheBook.selector, address(this)));
        ILocks(address(escrow)).pay(_payment());
    }

    function test_lock() public {
        _lock(tasker.addr, 60, address(0), provider.addr, 40, address(0));
        same(_free(tasker.addr), FUNDS - 60, "tasker's free");
        same(_locked(tasker.addr), 60, "tasker's locked");
        same(_free(provider.addr), FUNDS - 40, "provider's free");
        same(_locked(provider.addr), 40, "provider's locked");
        _checkSolvent();
    }

    function test_lockTooMuch() public {
        refuses(_insufficient(tasker.addr, FUNDS, FUNDS + 1));
        _lock(tasker.addr, FUNDS + 1, address(0), provider.addr, 1, address(0));
        refuses(_insufficient(provider.addr, FUNDS, FUNDS + 1));
        _lock(tasker.addr, 1, address(0), provider.addr, FUNDS + 1, address(0));
    }

    /// @dev One account on both sides needs both amounts.
    function test_lockOfOneAccount() public {
        refuses(_insufficient(tasker.addr, 0, 1));
        _lock(tasker.addr, FUNDS, address(0), tasker.addr, 1, address(0));
    }

    function test_move() public {
        _lock(tasker.addr, 60, address(0), provider.addr, 0, address(0));
        Movement[] memory movements = new Movement[](3);
        movements[0] = Movement(tasker.addr, 20, -60);
        movements[1] = Movement(provider.addr, 25, 10);
        movements[2] = Movement(alice, 0, 0);
        _move(movements, 5);
        same(_free(tasker.addr), FUNDS - 40, "tasker's free");
        same(_locked(tasker.addr), 0, "tasker's locked");
        same(_free(provider.addr), FUNDS + 25, "provider's free");
        same(_locked(provider.addr), 10, "provider's locked");
        same(escrow.sink(address(token)), 5, "sink");
        _checkSolvent();
    }

    function test_moveMakesMoney() public {
        Movement[] memory movements = new Movement[](1);
        movements[0] = Movement(tasker.addr, 1, 0);
        refuses(abi.encodeWithSelector(ILocks.NotConserved.selector, address(token), int256(1)));
        _move(movements, 0);
        movements[0] = Movement(tasker.addr, -2, 0);
        refuses(abi.encodeWithSelector(ILocks.NotConserved.selector, address(token), int256(-1)));
        _move(movements, 1);
    }

    function test_moveTooMuch() public {
        Movement[] memory movements = new Movement[](1);
        movements[0] = Movement(tasker.addr, -int256(FUNDS) - 1, 0);
        refuses(_insufficient(tasker.addr, FUNDS, FUNDS + 1));
        _move(movements, FUNDS + 1);
    }

    function test_moveUnlocksTooMuch() public {
        Movement[] memory movements = new Movement[](1);
        movements[0] = Movement(tasker.addr, 1, -1);
        vm.expectRevert();
        _move(movements, 0);
    }

    function test_moveTooLarge() public {
        Movement[] memory movements = new Movement[](1);
        movements[0] = Movement(alice, int256(uint256(type(uint128).max) + 1 - FUNDS), 0);
        refuses(abi.encodeWithSelector(IEscrow.AmountTooLarge.selector, uint256(type(uint128).max) + 1));
        _move(movements, 0);
    }

    // ── pay ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_pay() public {
        _lock(tasker.addr, 60, address(0), provider.addr, 40, address(0));
        _pay(_payment());
        same(_free(tasker.addr), FUNDS - 60 + 15, "tasker's free");
        same(_locked(tasker.addr), 10, "tasker's locked");
        same(_free(provider.addr), FUNDS - 40 + 70, "provider's free");
        same(_locked(provider.addr), 0, "provider's locked");
        same(_free(matcher.addr), 3, "the tasker's matcher");
        same(_free(alice), FUNDS + 2, "the provider's matcher");
        _checkSolvent();
    }

    function test_payOneMatcher() public {
        _lock(tasker.addr, 60, address(0), provider.addr, 40, address(0));
        Payment memory payment = _payment();
        payment.otherFeeTo = matcher.addr;
        _pay(payment);
        same(_free(matcher.addr), 5, "both fees");
    }

    function test_payMakesMoney() public {
        _lock(tasker.addr, 60, address(0), provider.addr, 40, address(0));
        Payment memory payment = _payment();
        payment.fee += 1;
        refuses(abi.encodeWithSelector(ILocks.NotConserved.selector, address(token), int256(1)));
        _pay(payment);
        payment.fee -= 2;
        refuses(abi.encodeWithSelector(ILocks.NotConserved.selector, address(token), int256(-1)));
        _pay(payment);
    }

    function test_payUnlocksTooMuch() public {
        _lock(tasker.addr, 49, address(0), provider.addr, 40, address(0));
        vm.expectRevert();
        _pay(_payment());
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _permit(uint256 amount) private returns (uint8, bytes32, bytes32) {
        token.mint(alice, 10 ether);
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 hash = keccak256(
            abi.encode(typehash, alice, address(escrow), amount, token.nonces(alice), block.timestamp)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash));
        return vm.sign(stranger.secret, digest);
    }

    function _setOperator(uint128 cap, uint40 until) private {
        vm.expectEmit(address(escrow));
        emit IEscrow.OperatorSet(tasker.addr, alice, address(token), cap, until);
        vm.prank(tasker.addr);
        escrow.setOperator(alice, address(token), cap, until);
        (uint128 left, uint40 date) = escrow.operatorOf(tasker.addr, alice, address(token));
        same(left, cap, "cap");
        same(date, until, "until");
    }

    function _lock(address a, uint256 aAmount, address aBy, address b, uint256 bAmount, address bBy) private {
        vm.prank(address(leases));
        ILocks(address(escrow)).lock(address(token), a, aAmount, aBy, b, bAmount, bBy);
    }

    function _move(Movement[] memory movements, uint256 burned) private {
        vm.prank(address(leases));
        ILocks(address(escrow)).move(address(token), movements, burned);
    }

    function _payment() private view returns (Payment memory) {
        return Payment(address(token), tasker.addr, 50, 15, provider.addr, 40, 70, matcher.addr, 3, alice, 2);
    }

    function _pay(Payment memory payment) private {
        vm.prank(address(leases));
        ILocks(address(escrow)).pay(payment);
    }

    function _noOperator() private view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrow.NotAnOperator.selector, tasker.addr, alice, address(token));
    }

    function _insufficient(address account, uint256 free, uint256 wanted) private view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrow.InsufficientFunds.selector, address(token), account, free, wanted);
    }
}
