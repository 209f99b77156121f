// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {
    BlockingToken,
    CallingToken,
    FalseToken,
    FeeToken,
    ICalled,
    LyingToken,
    MintableToken,
    RebasingToken,
    SilentToken
} from "../hostile/Tokens.sol";

/// @notice Does what it was told to do whenever a token calls it.
contract Caller is ICalled {
    address private _target;
    bytes private _data;
    bytes public failure;

    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function tokensMoved() external {
        if (_target == address(0)) return;
        (bool ok, bytes memory reason) = _target.call(_data);
        if (!ok) failure = reason;
    }

    function run(address target, bytes calldata data) external {
        (bool ok, bytes memory reason) = target.call(data);
        if (!ok) {
            assembly {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }
}

/// @notice Refuses whatever comes.
contract RefusingReceiver is ICalled {
    function tokensMoved() external pure {
        revert("no");
    }
}

/// A token that does harm does it to those who chose it
/// ├── when it calls its sender or receiver, and they call the escrow: the guard refuses, and nothing counts twice
/// ├── when it calls its sender, and that moves leases on: nothing is lost
/// ├── when it keeps a fee: what arrived is credited
/// ├── when balances shrink: withdrawals of that token run dry, of others they do not
/// ├── when it says false: the deposit reverts
/// ├── when it says nothing: it works
/// ├── when it blocks a party: its leases end all the same, and the party withdraws to elsewhere
/// ├── when its receiver reverts: its own withdrawal fails, nobody else's
/// └── when it lies about balances: it lies about its own
contract TokensTest is Deals {
    Caller private caller = new Caller();

    function test_reentersDeposit() public {
        CallingToken hostile = _calling();
        hostile.mint(address(caller), 10 ether);
        _run(address(hostile), abi.encodeCall(hostile.approve, (address(escrow), 10 ether)));
        caller.arm(address(escrow), abi.encodeCall(escrow.deposit, (address(hostile), 1 ether, address(caller))));
        _run(address(escrow), abi.encodeCall(escrow.deposit, (address(hostile), 2 ether, address(caller))));

        same(caller.failure(), _reentered(), "the guard");
        same(_freeOf(hostile, address(caller)), 2 ether, "credited once");
        same(hostile.balanceOf(address(escrow)), 2 ether, "and there");
    }

    function test_reentersWithdraw() public {
        CallingToken hostile = _calling();
        _give(hostile, address(caller), 5 ether);
        _give(hostile, stranger.addr, 5 ether);
        bytes memory withdraw =
            abi.encodeCall(escrow.withdraw, (address(hostile), 5 ether, address(caller)));
        caller.arm(address(escrow), withdraw);
        _run(address(escrow), withdraw);

        same(caller.failure(), _reentered(), "the guard");
        same(hostile.balanceOf(address(caller)), 5 ether, "once");
        same(hostile.balanceOf(address(escrow)), 5 ether, "the other's is there");
    }

    /// @dev Depositing in the middle of a withdrawal would count what leaves as what arrives.
    function test_withdrawsIntoADeposit() public {
        CallingToken hostile = _calling();
        _give(hostile, address(caller), 5 ether);
        caller.arm(
            address(escrow), abi.encodeCall(escrow.deposit, (address(hostile), 1 ether, address(caller)))
        );
        _run(address(hostile), abi.encodeCall(hostile.approve, (address(escrow), 10 ether)));
        _run(address(escrow), abi.encodeCall(escrow.withdraw, (address(hostile), 5 ether, address(caller))));
        same(caller.failure(), _reentered(), "the guard");
        same(_freeOf(hostile, address(caller)), 0, "nothing left");
    }

    /// @dev The lease book needs no guard: all it does to balances, it does in one call.
    function test_movesALeaseFromWithin() public {
        CallingToken hostile = _calling();
        Deal memory deal = _openIn(hostile);
        _give(hostile, address(caller), 5 ether);
        caller.arm(address(leases), abi.encodeCall(leases.close, (_closing(deal, 1 ether))));
        _run(address(escrow), abi.encodeCall(escrow.withdraw, (address(hostile), 5 ether, address(caller))));
        _checkStatus(deal, LeaseStatus.Closed);
        same(_sum(hostile), hostile.balanceOf(address(escrow)), "solvent");
    }

    function test_fee() public {
        FeeToken hostile = new FeeToken();
        hostile.mint(address(this), 10 ether);
        hostile.approve(address(escrow), 10 ether);
        same(escrow.deposit(address(hostile), 10 ether, stranger.addr), 9 ether, "what arrived");
        vm.prank(stranger.addr);
        escrow.withdraw(address(hostile), 9 ether, stranger.addr);
        same(hostile.balanceOf(stranger.addr), 8.1 ether, "its own matter");
        same(hostile.balanceOf(address(escrow)), 0, "nothing owed");
    }

    function test_rebasing() public {
        RebasingToken hostile = new RebasingToken();
        _give(hostile, stranger.addr, 5 ether);
        _give(hostile, challenger.addr, 5 ether);
        hostile.rebase(address(escrow), 5 ether);
        vm.prank(stranger.addr);
        escrow.withdraw(address(hostile), 5 ether, stranger.addr);
        vm.expectRevert();
        vm.prank(challenger.addr);
        escrow.withdraw(address(hostile), 5 ether, challenger.addr);
        vm.prank(challenger.addr);
        escrow.withdraw(address(token), FUNDS, challenger.addr);
    }

    function test_false() public {
        FalseToken hostile = new FalseToken();
        hostile.mint(address(this), 1 ether);
        hostile.approve(address(escrow), 1 ether);
        refuses(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile)));
        escrow.deposit(address(hostile), 1 ether, stranger.addr);
    }

    function test_silent() public {
        SilentToken quiet = new SilentToken();
        quiet.mint(address(this), 5 ether);
        escrow.deposit(address(quiet), 5 ether, stranger.addr);
        vm.prank(stranger.addr);
        escrow.withdraw(address(quiet), 5 ether, stranger.addr);
        same(quiet.balanceOf(stranger.addr), 5 ether, "in and out");
    }

    function test_noToken() public {
        vm.expectRevert();
        escrow.deposit(stranger.addr, 1, stranger.addr);
    }

    function test_blocked() public {
        BlockingToken hostile = new BlockingToken();
        Deal memory deal = _openIn(hostile);
        hostile.setBlocked(provider.addr);
        leases.close(_closing(deal, 1 ether));
        _checkStatus(deal, LeaseStatus.Closed);

        vm.expectRevert("blocked");
        vm.prank(provider.addr);
        escrow.withdraw(address(hostile), 1 ether, provider.addr);
        vm.prank(provider.addr);
        escrow.withdraw(address(hostile), 1 ether, stranger.addr);
        vm.prank(tasker.addr);
        escrow.withdraw(address(hostile), 1 ether, tasker.addr);
    }

    function test_refusingReceiver() public {
        CallingToken hostile = new CallingToken();
        RefusingReceiver receiver = new RefusingReceiver();
        hostile.ask(address(receiver));
        Deal memory deal = _openIn(hostile);
        leases.redeem(deal.terms, 1 ether, _voucher(deal, 1 ether));
        vm.expectRevert("no");
        vm.prank(provider.addr);
        escrow.withdraw(address(hostile), 1, address(receiver));
        vm.prank(provider.addr);
        escrow.withdraw(address(hostile), 1, provider.addr);
    }

    function test_lying() public {
        LyingToken hostile = new LyingToken();
        uint256 before = token.balanceOf(address(escrow));
        hostile.mint(address(this), 2);
        hostile.approve(address(escrow), 2);
        escrow.deposit(address(hostile), 1, stranger.addr);
        same(_freeOf(hostile, stranger.addr), 1_000_000 ether + 1, "riches of its own");
        hostile.lie(0);
        refuses(abi.encodeWithSelector(IEscrow.InsufficientFunds.selector, address(token), stranger.addr, FUNDS, FUNDS + 1));
        vm.prank(stranger.addr);
        escrow.withdraw(address(token), FUNDS + 1, stranger.addr);
        same(token.balanceOf(address(escrow)), before, "of other tokens, nothing");
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A lease in this token, whose parties have enough of it.
    function _openIn(MintableToken hostile) private returns (Deal memory) {
        _give(hostile, tasker.addr, FUNDS);
        _give(hostile, provider.addr, FUNDS);
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        (ask.token, bid.token) = (address(hostile), address(hostile));
        return _open(_pair(ask, bid, 0, bid.fuel));
    }

    /// @dev A token that calls `caller` whenever it sends or receives.
    function _calling() private returns (CallingToken hostile) {
        hostile = new CallingToken();
        hostile.ask(address(caller));
    }

    function _give(MintableToken hostile, address account, uint256 amount) private {
        hostile.mint(stranger.addr, amount);
        vm.prank(stranger.addr);
        hostile.approve(address(escrow), amount);
        vm.prank(stranger.addr);
        escrow.deposit(address(hostile), amount, account);
    }

    function _freeOf(MintableToken hostile, address account) private view returns (uint256 free) {
        (free,) = escrow.balanceOf(account, address(hostile));
    }

    function _sum(MintableToken hostile) private view returns (uint256 sum) {
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) {
            (uint256 free, uint256 locked) = escrow.balanceOf(all[i], address(hostile));
            sum += free + locked;
        }
    }

    function _run(address target, bytes memory data) private {
        caller.run(target, data);
    }

    function _reentered() private pure returns (bytes memory) {
        return abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
    }
}
