// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeaseBook} from "../../interfaces/ILeaseBook.sol";
import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Closing} from "../../types/Closing.sol";
import {Match} from "../../types/Match.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// What was signed once is good once, here, and until it is cancelled
/// ├── when an order is shown on another chain, or to another lease book: nobody signed it there
/// ├── when a voucher or a close is shown for another lease: it reverts BadSignature
/// ├── when a match is sent again: it reverts WrongSeq
/// ├── cancelNonces: exactly those bits, of exactly that account
/// └── cancelBelow: all lower ones; it only ever rises
contract ReplayTest is Deals {
    Ask private ask;
    Bid private bid;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 300; ++i) _nextNonce();
        (ask, bid) = (_ask(), _bid());
    }

    function test_anotherChain() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        vm.chainId(1);
        vm.expectRevert();
        leases.open(pair);
        same(leases.filled(_digest(_hash(bid))), 0, "nothing filled");

        vm.chainId(31337);
        leases.open(pair);
    }

    function test_anotherBook() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        address book = _creates(vm.getNonce(address(this)) + 1);
        address held = _deploy("Escrow.sol/Escrow", abi.encode(book));
        _deploy("Leases.sol/Leases", abi.encode(held, address(disputes), address(demands)));
        ILeaseBook another = ILeaseBook(book);
        vm.expectRevert();
        another.open(pair);
    }

    function test_voucherOfAnotherLease() public {
        Deal memory deal = _open();
        Deal memory other = _open();
        bytes memory voucher = _voucher(other, 1 ether);
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        leases.redeem(deal.terms, 1 ether, voucher);
    }

    function test_closeOfAnotherLease() public {
        Deal memory deal = _open();
        Closing memory closing = _closing(_open(), 1 ether);
        closing.terms = deal.terms;
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        leases.close(closing);
    }

    function test_closeTwice() public {
        Deal memory deal = _open();
        Closing memory closing = _closing(deal, 1 ether);
        leases.close(closing);
        vm.expectPartialRevert(ILeases.WrongStatus.selector);
        leases.close(closing);
        same(_free(provider.addr), FUNDS + 1 ether - 0.001 ether, "paid once, less 10 basis points");
    }

    function test_voucherTwice() public {
        Deal memory deal = _open();
        bytes memory voucher = _voucher(deal, 1 ether);
        leases.redeem(deal.terms, 1 ether, voucher);
        refuses(abi.encodeWithSelector(ILeases.VoucherStale.selector, deal.id, 1 ether, 1 ether));
        leases.redeem(deal.terms, 1 ether, voucher);
    }

    function test_matchTwice() public {
        Match memory pair = _pair(ask, bid, 0, 5 * GIGAFUEL);
        leases.open(pair);
        vm.warp(block.timestamp + 12);
        refuses(abi.encodeWithSelector(ILeases.WrongSeq.selector, _digest(_hash(bid)), 5 * GIGAFUEL, 0));
        leases.open(pair);
    }

    function test_seqAhead() public {
        Match memory pair = _pair(ask, bid, 1, 5 * GIGAFUEL);
        refuses(abi.encodeWithSelector(ILeases.WrongSeq.selector, _digest(_hash(bid)), 0, 1));
        leases.open(pair);
    }

    // ── cancelling ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_cancelBid() public {
        _cancel(tasker.addr, bid.nonce);
        _spent(tasker.addr, bid.nonce);
    }

    function test_cancelAsk() public {
        _cancel(provider.addr, ask.nonce);
        _spent(provider.addr, ask.nonce);
    }

    function test_cancelTheRest() public {
        leases.open(_pair(ask, bid, 0, 5 * GIGAFUEL));
        _cancel(tasker.addr, bid.nonce);
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce));
        leases.open(_pair(ask, bid, 5 * GIGAFUEL, 5 * GIGAFUEL));
    }

    function test_cancelOthers() public {
        _cancel(tasker.addr, ask.nonce);
        _cancel(tasker.addr, bid.nonce - 1);
        _cancel(tasker.addr, bid.nonce + 1);
        _cancel(tasker.addr, bid.nonce - 256);
        _cancel(stranger.addr, bid.nonce);
        leases.open(_pair(ask, bid, 0, bid.fuel));
    }

    function test_cancelMany() public {
        vm.expectEmit(address(leases));
        emit ILeases.NoncesCancelled(tasker.addr, 1, type(uint256).max);
        vm.prank(tasker.addr);
        leases.cancelNonces(1, type(uint256).max);
        same(leases.nonceBits(tasker.addr, 1), type(uint256).max, "all bits");
        _spent(tasker.addr, bid.nonce);
    }

    function test_cancelBelow() public {
        vm.prank(tasker.addr);
        leases.cancelBelow(bid.nonce);
        vm.expectEmit(address(leases));
        emit ILeases.NoncesCancelledBelow(tasker.addr, bid.nonce + 1);
        vm.prank(tasker.addr);
        leases.cancelBelow(bid.nonce + 1);
        same(leases.lowestNonce(tasker.addr), bid.nonce + 1, "lowest");
        _spent(tasker.addr, bid.nonce);
    }

    function test_cancelBelowLeavesTheNext() public {
        vm.prank(tasker.addr);
        leases.cancelBelow(bid.nonce);
        leases.open(_pair(ask, bid, 0, bid.fuel));
    }

    function test_epochNeverFalls() public {
        vm.prank(tasker.addr);
        leases.cancelBelow(10);
        for (uint64 nonce = 9; nonce <= 10; ++nonce) {
            refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, nonce));
            vm.prank(tasker.addr);
            leases.cancelBelow(nonce);
        }
    }

    function _cancel(address account, uint64 nonce) private {
        vm.prank(account);
        leases.cancelNonces(nonce >> 8, 1 << (nonce & 0xff));
    }

    function _spent(address account, uint64 nonce) private {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, account, nonce));
        leases.open(pair);
    }
}
