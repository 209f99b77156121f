// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases} from "../../interfaces/ILeases.sol";
import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// decline
/// ├── when the caller is not the provider or its key: it reverts NotAParty
/// ├── when claimBy has come: it reverts TooLate
/// └── else: the tasker's rest is free at once, the collateral stays
/// expire
/// ├── when claimBy has not come: it reverts TooEarly
/// └── else: the tasker's rest is free, the collateral stays; it counts as closed at claimBy, whenever it is called
/// finalise
/// ├── when it is not over: it reverts TooEarly
/// ├── given an open dispute or demand: it reverts StillContested
/// ├── given a claim: it pays what vouchers did not
/// ├── given a claim of less than was paid: it pays nothing more
/// └── given no claim: it pays nothing; Open and Stopped need no expire before
contract EndTest is Deals {
    // ── decline ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_decline() public {
        Deal memory deal = _openJob();
        vm.warp(block.timestamp + 9);
        vm.expectEmit(address(leases));
        emit ILeases.Declined(deal.id, "busy");
        _decline(deal);
        _checkStatus(deal, LeaseStatus.Declined);
        same(leases.leaseOf(deal.id).closedAfter, 9, "declined when");
        same(_free(tasker.addr), FUNDS, "all of it back");
        same(_locked(provider.addr), deal.terms.collateral, "the collateral stays");
        _checkSolvent();
    }

    function test_declineByTheKey() public {
        Deal memory deal = _reach(LeaseStatus.Stopped, false);
        vm.prank(providerKey.addr);
        leases.decline(deal.terms, 0);
        _checkStatus(deal, LeaseStatus.Declined);
    }

    function test_declineAfterAVoucher() public {
        Deal memory deal = _open();
        leases.redeem(deal.terms, 1 ether, _voucher(deal, 1 ether));
        _decline(deal);
        same(_free(tasker.addr), FUNDS - 1.005 ether, "all but what was paid");
        same(_locked(tasker.addr), 0, "nothing locked");
    }

    function test_declineByOthers() public {
        Deal memory deal = _open();
        address[3] memory callers = [tasker.addr, taskerKey.addr, stranger.addr];
        for (uint256 i; i < callers.length; ++i) {
            refuses(abi.encodeWithSelector(ILeases.NotAParty.selector, deal.id, callers[i]));
            vm.prank(callers[i]);
            leases.decline(deal.terms, 0);
        }
    }

    function test_declineLate() public {
        Deal memory deal = _open();
        vm.warp(_claimBy(deal));
        refuses(abi.encodeWithSelector(ILeases.TooLate.selector, deal.id, _claimBy(deal)));
        _decline(deal);
        vm.warp(_claimBy(deal) - 1);
        _decline(deal);
    }

    // ── expire ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_expire() public {
        Deal memory deal = _open();
        vm.warp(_claimBy(deal) - 1);
        refuses(abi.encodeWithSelector(ILeases.TooEarly.selector, deal.id, _claimBy(deal)));
        leases.expire(deal.terms);

        vm.warp(_claimBy(deal) + 12345);
        vm.expectEmit(address(leases));
        emit ILeases.Unclaimed(deal.id);
        vm.prank(stranger.addr);
        leases.expire(deal.terms);
        _checkStatus(deal, LeaseStatus.Unclaimed);
        same(_over(deal), _claimBy(deal) + deal.terms.window, "the window counts from claimBy");
        same(_free(tasker.addr), FUNDS, "all of it back");
        same(_locked(provider.addr), deal.terms.collateral, "the collateral stays");
    }

    function test_expireJob() public {
        Deal memory deal = _openJob();
        vm.warp(deal.terms.end - 1);
        refuses(abi.encodeWithSelector(ILeases.TooEarly.selector, deal.id, deal.terms.end));
        leases.expire(deal.terms);
        vm.warp(deal.terms.end);
        leases.expire(deal.terms);
    }

    // ── finalise ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_claimed() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        uint96 owed = leases.leaseOf(deal.id).owed;
        same(owed, claim.sum + deal.terms.retainer, "owed");
        owed += deal.terms.claimFee;
        _finalise(deal, owed);
        same(_free(provider.addr), FUNDS + owed - uint256(owed) * 10 / 10_000, "less 10 basis points");
        same(_free(tasker.addr), FUNDS - owed - uint256(owed) * 50 / 10_000, "and 50 on top");
        same(leases.claimOf(deal.id), bytes32(0), "no claim stays");
    }

    /// @dev Voucher and claim never pay twice, whichever comes first.
    /// forge-config: default.fuzz.runs = 300
    /// forge-config: deep.fuzz.runs = 10000
    function testFuzz_voucherAndClaim(uint256 voucher, bool before) public {
        Deal memory deal = _open();
        uint96 owed = uint96(within(voucher, 1, _most(deal.terms)));
        if (before) leases.redeem(deal.terms, owed, _voucher(deal, owed));
        _claim(deal);
        if (!before) leases.redeem(deal.terms, owed, _voucher(deal, owed));
        uint96 claimed = leases.leaseOf(deal.id).owed;
        uint256 paid = claimed > owed ? claimed + deal.terms.claimFee : owed;
        _finalise(deal, uint96(paid));
        same(_free(provider.addr), FUNDS + paid - paid * 10 / 10_000, "the larger of the two, once");
    }

    function test_unclaimed() public {
        LeaseStatus[4] memory states =
            [LeaseStatus.Open, LeaseStatus.Stopped, LeaseStatus.Declined, LeaseStatus.Unclaimed];
        for (uint256 i; i < states.length; ++i) {
            Deal memory deal = _reach(states[i], false);
            if (states[i] < LeaseStatus.Claimed) {
                leases.redeem(deal.terms, 7, _voucher(deal, 7));
                _finalise(deal, 7);
            } else {
                _finalise(deal, 0);
            }
        }
    }

    function test_unclaimedJob() public {
        Deal memory deal = _openJob();
        _finalise(deal, 0);
        same(_free(tasker.addr), FUNDS, "all of it back");
    }

    function test_openDispute() public {
        Deal memory deal = _open();
        _claim(deal);
        vm.warp(_over(deal) - 1);
        Dispute memory dispute = _challenge(deal, challenger.addr, 0);
        vm.warp(_over(deal));
        refuses(abi.encodeWithSelector(ILeases.StillContested.selector, deal.id, 1, 0));
        leases.finalise(deal.terms);
        vm.warp(block.timestamp + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        _finalise(deal, leases.leaseOf(deal.id).owed + deal.terms.claimFee);
    }

    function test_openDemand() public {
        Deal memory deal = _open();
        Claim memory claim = _claim(deal);
        _demand(deal, claim, 0);
        vm.warp(_over(deal));
        refuses(abi.encodeWithSelector(ILeases.StillContested.selector, deal.id, 0, 1));
        leases.finalise(deal.terms);
        demands.lapse(deal.terms, deal.scheme, 0);
        _checkStatus(deal, LeaseStatus.Slashed);
    }

    function _finalise(Deal memory deal, uint96 paid) private {
        LeaseStatus status = _status(deal);
        uint256 over = _over(deal);
        if (status == LeaseStatus.Open) over = _claimBy(deal) + deal.terms.window;
        if (status == LeaseStatus.Stopped) over += deal.terms.grace;
        if (block.timestamp < over) {
            vm.warp(over - 1);
            refuses(abi.encodeWithSelector(ILeases.TooEarly.selector, deal.id, over));
            leases.finalise(deal.terms);
            vm.warp(over);
        }
        vm.expectEmit(address(leases));
        emit ILeases.Final(deal.id, paid);
        vm.prank(stranger.addr);
        leases.finalise(deal.terms);
        _checkStatus(deal, LeaseStatus.Final);
        _checkNothingLocked();
        _checkSolvent();
    }
}
