// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Ticket} from "../../types/Documents.sol";
import {Evidence} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Party} from "../harness/Market.sol";
import {Trees} from "../harness/Trees.sol";
import {Demanded, Watch} from "./Watch.sol";

/// @notice Does at random what parties do: two taskers, two providers, two challengers, an arbiter who rules either way,
///         and a clock. Whatever the contracts refuse is undone as a whole, this contract's memory included.
contract Trader is Watch {
    Party[2] private _taskers;
    Party[2] private _providers;
    Ask private _lastAsk;
    Bid private _lastBid;

    /// @dev By name: `tasker` and `provider` are now one, now the other.
    function _everybody() internal view override returns (address[] memory all) {
        all = new address[](13);
        (all[0], all[1]) = (_taskers[0].addr, _taskers[1].addr);
        (all[2], all[3]) = (_providers[0].addr, _providers[1].addr);
        (all[4], all[5], all[6]) = (challenger.addr, stranger.addr, arbiter.addr);
        (all[7], all[8], all[9]) = (matcher.addr, store.addr, address(0));
        (all[10], all[11], all[12]) = (taskerKey.addr, providerKey.addr, address(this));
    }

    function setUp() public override {
        super.setUp();
        _taskers[0] = tasker;
        _taskers[1] = _party("another tasker");
        _providers[0] = provider;
        _providers[1] = _party("another provider");
        _fund(_taskers[1].addr);
        _fund(_providers[1].addr);
        deposited = token.balanceOf(address(escrow));
    }

    // ── money and time ──────────────────────────────────────────────────────────────────────────────────────────

    function wait(uint256 time) external watched {
        vm.warp(block.timestamp + within(time, 1, 30 hours));
    }

    function deposit(uint256 who, uint256 amount) external watched {
        amount = within(amount, 1, 100 ether);
        address[] memory all = _everybody();
        token.mint(address(this), amount);
        token.approve(address(escrow), amount);
        escrow.deposit(address(token), amount, all[who % all.length]);
        deposited += amount;
    }

    function withdraw(uint256 who, uint256 amount) external watched {
        address[] memory all = _everybody();
        address account = all[who % all.length];
        amount = within(amount, 1, 1_000 ether);
        mayFall[account] = true;
        vm.prank(account);
        escrow.withdraw(address(token), amount, account);
        withdrawn += amount;
    }

    // ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────

    function open(uint256 who, uint256 fees, uint256 part) external watched {
        _as(who);
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        (bid.takerFee, ask.makerFee) = (uint16(fees % 10_001), uint16((fees >> 16) % 10_001));
        bid.provider = provider.addr;
        if (fees % 3 == 0) ask.feeTo = stranger.addr;
        (_lastAsk, _lastBid) = (ask, bid);
        _meet(ask, bid, 0, part % 2 == 0 ? bid.fuel : uint64(within(part, 1, bid.fuel)), who);
    }

    function openMore(uint256 fuel, bool again) external watched {
        (Ask memory ask, Bid memory bid) = (_lastAsk, _lastBid);
        _as(bid.account == _taskers[0].addr ? 0 : 1, ask.account == _providers[0].addr ? 0 : 1);
        uint64 seq = again ? 0 : leases.filled(_digest(_hash(bid)));
        _meet(ask, bid, seq, uint64(within(fuel, 1, bid.fuel)), fuel);
    }

    function openJob(uint256 who) external watched {
        _as(who);
        (Ask memory ask, Bid memory bid) = (_ask(), _jobBid());
        _meet(ask, bid, 0, bid.fuel, who);
    }

    // ── a lease's life ──────────────────────────────────────────────────────────────────────────────────────────

    function redeem(uint256 which, uint256 owed) external watched {
        Deal memory deal = _pick(which);
        uint96 sum = uint96(within(owed, 1, _most(deal.terms)));
        leases.redeem(deal.terms, sum, _voucher(deal, sum));
    }

    function stop(uint256 which) external watched {
        _stop(_pick(which));
    }

    /// @dev Honest, or of more than was done and nobody's tree.
    function claim(uint256 which, uint256 sum) external watched {
        Deal memory deal = _pick(which);
        Claim memory what = _defaultClaim(deal);
        if (sum % 3 == 0) what = Claim(bytes32(sum), 5, uint96(within(sum, 0, _most(deal.terms))));
        vm.prank(providerKey.addr);
        leases.claim(deal.terms, what);
        _remember(deal.id, what);
    }

    function decline(uint256 which) external watched {
        _decline(_pick(which));
    }

    function expire(uint256 which) external watched {
        leases.expire(_pick(which).terms);
    }

    function finalise(uint256 which) external watched {
        leases.finalise(_pick(which).terms);
    }

    function close(uint256 which, uint256 owed) external watched {
        Deal memory deal = _pick(which);
        uint96 paid = leases.leaseOf(deal.id).paid;
        bool locked = _status(deal) <= LeaseStatus.Claimed;
        leases.close(_closing(deal, locked ? uint96(within(owed, paid, _most(deal.terms))) : paid));
    }

    // ── disputes ────────────────────────────────────────────────────────────────────────────────────────────────

    function challenge(uint256 which, uint256 who, uint32 index) external watched {
        Deal memory deal = _pick(which);
        Party[3] memory by = [challenger, stranger, tasker];
        mayFall[by[who % 3].addr] = true;
        _remember(_challenge(deal, by[who % 3].addr, deal.terms.job == 0 ? index % 5 : 0));
    }

    function rule(uint256 which, bool guilty) external watched {
        _rule(_pickCase(which), guilty ? Verdict.Guilty : Verdict.Clean);
    }

    function settle(uint256 which) external watched {
        Dispute memory dispute = _pickCase(which);
        Deal memory deal = _dealNamed(dispute.lease);
        disputes.settle(deal.terms, deal.scheme, dispute);
        _forget(dispute);
    }

    function timeout(uint256 which) external watched {
        Dispute memory dispute = _pickCase(which);
        disputes.timeout(_dealNamed(dispute.lease).terms, dispute);
        _forget(dispute);
    }

    function equivocate(uint256 which, uint256 luck) external watched {
        if (luck % 4 == 0) _equivocate(_pick(which));
    }

    // ── demands ─────────────────────────────────────────────────────────────────────────────────────────────────

    function demand(uint256 which, uint32 index) external watched {
        Deal memory deal = _pick(which);
        mayFall[tasker.addr] = true;
        _demand(deal, claims[deal.id], index % 4);
        _remember(Demanded(deal.id, index % 4, 0, tasker.addr));
    }

    function answer(uint256 which) external watched {
        Demanded memory asked = _pickDemand(which);
        Deal memory deal = _dealNamed(asked.lease);
        Evidence memory evidence = _evidence(deal, asked.index);
        Sibling[] memory path = Trees.path(_leaves(deal), asked.index);
        if (asked.ticket != 0) demands.answerAccepted(deal.terms, evidence, _receipt(store, evidence));
        else if (asked.index == RESULTS) demands.answerSkipped(deal.terms, claims[deal.id], asked.index, path);
        else demands.answer(deal.terms, claims[deal.id], evidence, _receipt(store, evidence), path);
        _forget(asked);
    }

    function demandAccepted(uint256 which, uint32 index) external watched {
        Deal memory deal = _pick(which);
        Ticket memory ticket = _ticket(deal, deal.terms.job == 0 ? index % 5 : 0);
        mayFall[tasker.addr] = true;
        bytes memory tickets = deal.terms.job == 0 ? _sign(taskerKey, _hash(ticket)) : bytes("");
        bytes memory acceptance = _acceptance(ticket);
        vm.prank(tasker.addr);
        demands.demandAccepted(deal.terms, ticket, tickets, acceptance);
        _remember(Demanded(deal.id, ticket.index, _hash(ticket), tasker.addr));
    }

    function lapse(uint256 which) external watched {
        _lapse(_pickDemand(which));
    }

    // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A stranger alone ends everything that is left, once the last deadline is past.
    function endAll() external {
        vm.warp(block.timestamp + 60 days);
        while (openDisputes() > 0) {
            Dispute memory dispute = _pickCase(0);
            Deal memory deal = _dealNamed(dispute.lease);
            (,, Verdict verdict,) = disputes.caseOf(_idOf(dispute));
            if (verdict == Verdict.None) disputes.timeout(deal.terms, dispute);
            else disputes.settle(deal.terms, deal.scheme, dispute);
            _forget(dispute);
        }
        while (openDemands() > 0) _lapse(_pickDemand(0));
        for (uint256 i; i < deals(); ++i) {
            if (_status(_deal(i)) <= LeaseStatus.Unclaimed) leases.finalise(_deal(i).terms);
        }
        _checkNothingLocked();
        _checkSolvent();
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _meet(Ask memory ask, Bid memory bid, uint64 seq, uint64 fuel, uint256 maker) private {
        Match memory pair = _pair(ask, bid, seq, fuel);
        pair.bidIsMaker = maker % 2 == 1;
        (mayFall[tasker.addr], mayFall[provider.addr]) = (true, true);
        Deal memory deal = _open(pair);
        _remember(deal, _digest(_hash(ask)), ask.capacity, _digest(_hash(bid)), bid.job == 0 ? bid.fuel : 0);
    }

    function _lapse(Demanded memory asked) private {
        Deal memory deal = _dealNamed(asked.lease);
        if (asked.ticket != 0) demands.lapseAccepted(deal.terms, asked.ticket);
        else demands.lapse(deal.terms, deal.scheme, asked.index);
        _forget(asked);
    }

    /// @dev Some lease, one of the last eight mostly, with its parties for tasker and provider.
    function _pick(uint256 which) private returns (Deal memory deal) {
        uint256 count = deals();
        deal = _deal(which % 5 == 0 || count < 8 ? which % count : count - 1 - which % 8);
        _as(deal.terms.tasker == _taskers[0].addr ? 0 : 1, deal.terms.provider == _providers[0].addr ? 0 : 1);
    }

    function _as(uint256 who) private {
        _as(who % 2, (who >> 8) % 2);
    }

    function _as(uint256 whichTasker, uint256 whichProvider) private {
        tasker = _taskers[whichTasker];
        provider = _providers[whichProvider];
    }

    function _dealNamed(bytes32 id) private returns (Deal memory deal) {
        deal = _deal(placeOf[id] - 1);
        _as(deal.terms.tasker == _taskers[0].addr ? 0 : 1, deal.terms.provider == _providers[0].addr ? 0 : 1);
    }
}
