// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Closing} from "../../types/Closing.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Terms} from "../../types/Terms.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// A job that was matched again is not paid for the attempt before
/// ├── neither by the voucher that its provider kept
/// ├── nor by the closing that somebody kept
/// └── and what the attempt before had locked is free for this one
contract RematchTest is Deals {
    Deal private first;
    bytes private voucher;
    Closing private closing;

    function setUp() public override {
        super.setUp();
        (Ask memory ask, Bid memory bid) = (_ask(), _jobBid());
        first = _open(_pair(ask, bid, 0, bid.fuel));
        voucher = _voucher(first, 1 ether);
        vm.warp(first.terms.end);
        closing = _closing(first, 1 ether);
        // The tasker keeps just what the second attempt still wants of it, if the first gives back its own.
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), FUNDS - _lockOf(first.terms), tasker.addr);

        Match memory again = _pair(ask, bid, 1, bid.fuel);
        again.previous = new Terms[](1);
        again.previous[0] = first.terms;
        _open(again);
    }

    function test_voucherKept() public {
        refuses(abi.encodeWithSelector(ILeases.WrongStatus.selector, first.id, LeaseStatus.Unclaimed));
        leases.redeem(first.terms, 1 ether, voucher);
    }

    function test_closingKept() public {
        refuses(abi.encodeWithSelector(ILeases.OverTheMost.selector, first.id, 0, 1 ether));
        leases.close(closing);
    }

    function test_lockGoesOver() public view {
        same(_locked(tasker.addr), _lockOf(first.terms), "one lock, not two");
    }
}
