// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Terms} from "../../types/Terms.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// open, a bid that carries a job
/// ├── when less than all of it is matched: it reverts NotAllOfIt
/// ├── when seq is past the attempts: it reverts NoAttemptLeft
/// ├── when the attempt has opened before: it reverts NonceSpent
/// ├── when the lease before is not shown, or another is: it reverts NotThePreviousAttempt
/// ├── when the lease before never opened: it reverts NoSuchLease
/// ├── given an attempt before that is Open and before its end: it reverts PreviousAttemptStands
/// ├── given one that was claimed, or paid anything: it reverts PreviousAttemptStands
/// ├── given one that was declined, not claimed (expired or not), slashed, or closed and final with nothing paid: it opens
/// └── an attempt ends at the sooner of the bid's end and its own time, burns nonce + seq, and fills nothing of the bid
contract OpenJobTest is Deals {
    Ask private ask;
    Bid private bid;

    function setUp() public override {
        super.setUp();
        (ask, bid) = (_ask(), _jobBid());
    }

    function test_opens() public {
        Deal memory deal = _open(_attempt(0));
        same(deal.terms.end, block.timestamp + 1 hours, "end of the attempt");
        same(leases.filled(deal.terms.bid), 0, "nothing filled");
        same(leases.filled(deal.terms.ask), bid.fuel, "the ask is");
        same(leases.nonceBits(tasker.addr, 0), 1 << bid.nonce, "nonce burned");
    }

    function test_endsWithTheBid() public {
        bid.end = uint40(block.timestamp + 1 hours);
        same(_open(_attempt(0)).terms.end, bid.end, "the same second");
    }

    function test_noAttemptTime() public {
        bid.attemptTime = 0;
        same(_open(_attempt(0)).terms.end, bid.end, "the bid's end");
    }

    function test_notAllOfIt() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel - 1);
        refuses(abi.encodeWithSelector(ILeases.NotAllOfIt.selector, _digest(_hash(bid)), bid.fuel, bid.fuel - 1));
        leases.open(pair);
    }

    function test_attempts() public {
        Deal memory last = _open(_attempt(0));
        for (uint64 seq = 1; seq < 3; ++seq) {
            _decline(last);
            Match memory pair = _attempt(seq, last.terms);
            last = _open(pair);
        }
        _decline(last);
        Match memory fourth = _attempt(3, last.terms);
        refuses(abi.encodeWithSelector(ILeases.NoAttemptLeft.selector, last.terms.bid, 3, 3));
        leases.open(fourth);
    }

    function test_attemptTwice() public {
        Match memory first = _attempt(0);
        Deal memory deal = _open(first);
        _decline(deal);
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce));
        leases.open(first);

        Match memory second = _attempt(1, deal.terms);
        _decline(_open(second));
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce + 1));
        leases.open(second);
    }

    function test_previousNotShown() public {
        Deal memory deal = _open(_attempt(0));
        _decline(deal);
        bytes memory reason = abi.encodeWithSelector(ILeases.NotThePreviousAttempt.selector, deal.terms.bid, 1);
        Match memory pair = _attempt(1);
        refuses(reason);
        leases.open(pair);

        pair.previous = new Terms[](2);
        (pair.previous[0], pair.previous[1]) = (deal.terms, deal.terms);
        refuses(reason);
        leases.open(pair);
    }

    function test_previousOfAnotherBid() public {
        Deal memory deal = _open(_attempt(0));
        _decline(deal);
        Deal memory other = _openJob();
        _decline(other);
        refuses(abi.encodeWithSelector(ILeases.NotThePreviousAttempt.selector, deal.terms.bid, 1));
        leases.open(_attempt(1, other.terms));
    }

    function test_previousIsNotTheLast() public {
        Deal memory first = _open(_attempt(0));
        _decline(first);
        _open(_attempt(1, first.terms));
        refuses(abi.encodeWithSelector(ILeases.NotThePreviousAttempt.selector, first.terms.bid, 2));
        leases.open(_attempt(2, first.terms));
    }

    function test_previousNeverOpened() public {
        Terms memory never = _termsOf(_attempt(0));
        refuses(abi.encodeWithSelector(IPapers.NoSuchLease.selector, _hash(never)));
        leases.open(_attempt(1, never));
    }

    function test_previousStillClaimable() public {
        Deal memory deal = _open(_attempt(0));
        Match memory pair = _attempt(1, deal.terms);
        vm.warp(deal.terms.end - 1);
        _stands(pair, deal, LeaseStatus.Open, 0);
        vm.warp(deal.terms.end);
        leases.open(pair);
    }

    function test_previousClaimed() public {
        Deal memory deal = _open(_attempt(0));
        _claim(deal);
        vm.warp(deal.terms.end + 1);
        _stands(_attempt(1, deal.terms), deal, LeaseStatus.Claimed, 0);
    }

    function test_previousPaid() public {
        Deal memory deal = _open(_attempt(0));
        leases.redeem(deal.terms, 1, _voucher(deal, 1));
        _decline(deal);
        _stands(_attempt(1, deal.terms), deal, LeaseStatus.Declined, 1);
    }

    function test_previousClosedAndPaid() public {
        Deal memory deal = _open(_attempt(0));
        leases.close(_closing(deal, 1));
        _stands(_attempt(1, deal.terms), deal, LeaseStatus.Closed, 1);
    }

    function test_previousClosedUnpaid() public {
        Deal memory deal = _open(_attempt(0));
        leases.close(_closing(deal, 0));
        _open(_attempt(1, deal.terms));
    }

    function test_previousSlashed() public {
        Deal memory deal = _open(_attempt(0));
        _equivocate(deal);
        _open(_attempt(1, deal.terms));
    }

    function test_previousExpired() public {
        Deal memory deal = _open(_attempt(0));
        _expire(deal);
        _open(_attempt(1, deal.terms));
    }

    function test_previousFinal() public {
        bid.window = 4 * ask.minGrace;
        Deal memory deal = _open(_attempt(0));
        vm.warp(deal.terms.end + bid.window);
        leases.finalise(deal.terms);
        _open(_attempt(1, deal.terms));
    }

    /// @dev The silent provider wakes: the second attempt ended the first, of which nothing can be claimed any more.
    function test_previousCannotClaimAnyMore() public {
        Deal memory deal = _open(_attempt(0));
        vm.warp(deal.terms.end);
        _open(_attempt(1, deal.terms));
        refuses(abi.encodeWithSelector(ILeases.WrongStatus.selector, deal.id, LeaseStatus.Unclaimed));
        _claim(deal);
    }

    function test_cancelledAttempt() public {
        Deal memory deal = _open(_attempt(0));
        _decline(deal);
        vm.prank(tasker.addr);
        leases.cancelNonces(0, 1 << (bid.nonce + 1));
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce + 1));
        leases.open(_attempt(1, deal.terms));
    }

    function _attempt(uint64 seq) private view returns (Match memory) {
        return _pair(ask, bid, seq, bid.fuel);
    }

    function _attempt(uint64 seq, Terms memory previous) private view returns (Match memory pair) {
        pair = _attempt(seq);
        pair.previous = new Terms[](1);
        pair.previous[0] = previous;
    }

    function _stands(Match memory pair, Deal memory deal, LeaseStatus status, uint96 paid) private {
        refuses(abi.encodeWithSelector(ILeases.PreviousAttemptStands.selector, deal.id, status, paid));
        leases.open(pair);
    }
}
