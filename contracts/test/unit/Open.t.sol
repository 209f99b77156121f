// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IEscrow} from "../../interfaces/IEscrow.sol";
import {ILeases, Limit} from "../../interfaces/ILeases.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Lease, LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// open
/// ├── when an order's expiry has come: it reverts OrderExpired, the second before it does not
/// ├── when the tokens differ: it reverts TokensDiffer
/// ├── when the bid wants another provider: it reverts WrongProvider
/// ├── when a limit is passed by one: it reverts Misfit with both values
/// ├── when the scheme is not the bid's, or the ask's root does not hold it: it reverts SchemeNotAccepted
/// ├── when the bond does not pay the arbiter: it reverts BondTooSmall
/// ├── when the end has come: it reverts EndsInThePast
/// ├── when a fee is over all: it reverts FeeTooHigh
/// ├── when it is of no fuel: it reverts NoFuel
/// ├── when amounts or times do not fit: it reverts TooLarge
/// ├── when seq is not what is filled of the bid, by parts or whole: it reverts WrongSeq or NonceSpent
/// ├── when more is asked for than is left of an order: it reverts OverFilled
/// ├── when a fill is under an order's least: it reverts FillTooSmall, unless it is all that is left
/// ├── when a party has too little: it reverts InsufficientFunds
/// └── else: it emits Opened, fills both orders, locks what the interface says
contract OpenTest is Deals {
    Ask private ask;
    Bid private bid;

    function setUp() public override {
        super.setUp();
        ask = _ask();
        bid = _bid();
    }

    // ── what opens ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_opens() public {
        Match memory pair = _pair(ask, bid, 0, 5 * GIGAFUEL + 1);
        Deal memory deal = _dealOf(pair);
        vm.expectEmit(address(leases));
        emit ILeases.Opened(
            deal.id, deal.terms.ask, deal.terms.bid, 0, 5 * GIGAFUEL + 1, uint40(block.timestamp), false
        );
        vm.prank(stranger.addr);
        same(leases.open(pair), deal.id, "id");

        Lease memory lease = leases.leaseOf(deal.id);
        same(uint256(lease.status), uint256(LeaseStatus.Open), "status");
        same(uint256(lease.paid) + lease.owed + lease.closedAfter + lease.disputes + lease.demands, 0, "clean slot");
        same(leases.filled(deal.terms.ask), 5 * GIGAFUEL + 1, "ask filled");
        same(leases.filled(deal.terms.bid), 5 * GIGAFUEL + 1, "bid filled");
        same(_locked(tasker.addr), _lockOf(deal.terms), "tasker's lock");
        same(_locked(provider.addr), deal.terms.collateral, "provider's lock");
        _checkSolvent();
    }

    function test_bidIsMaker() public {
        Match memory pair = _pair(ask, bid, 0, 5 * GIGAFUEL);
        pair.bidIsMaker = true;
        Deal memory deal = _open(pair);
        same(deal.terms.taskerFee, bid.makerFee, "the maker's rate for the tasker");
        same(deal.terms.providerFee, ask.takerFee, "the taker's rate for the provider");
    }

    function test_providerNamed() public {
        bid.provider = ask.account;
        _open(_pair(ask, bid, 0, bid.fuel));
    }

    function test_partsOfBothOrders() public {
        _open(_pair(ask, bid, 0, 3 * GIGAFUEL));
        Deal memory second = _open(_pair(ask, bid, 3 * GIGAFUEL, 4 * GIGAFUEL));
        same(leases.filled(second.terms.bid), 7 * GIGAFUEL, "sum of the parts");
        Ask memory another = _ask();
        _open(_pair(another, bid, 7 * GIGAFUEL, bid.fuel - 7 * GIGAFUEL));
        same(leases.filled(second.terms.bid), bid.fuel, "all of it");
    }

    function test_twiceInABlock() public {
        Match memory pair = _pair(ask, bid, 0, 5 * GIGAFUEL);
        Deal memory deal = _open(pair);
        refuses(abi.encodeWithSelector(ILeases.WrongSeq.selector, deal.terms.bid, 5 * GIGAFUEL, 0));
        leases.open(pair);
    }

    function test_wholeTwice() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        _open(pair);
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce));
        leases.open(pair);
    }

    function test_partThenWhole() public {
        _open(_pair(ask, bid, 0, 5 * GIGAFUEL));
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        refuses(abi.encodeWithSelector(ILeases.WrongSeq.selector, _digest(_hash(bid)), 5 * GIGAFUEL, 0));
        leases.open(pair);
    }

    function test_wholeThenPart() public {
        _open(_pair(ask, bid, 0, bid.fuel));
        Match memory pair = _pair(ask, bid, 0, 5 * GIGAFUEL);
        refuses(abi.encodeWithSelector(ILeases.NonceSpent.selector, tasker.addr, bid.nonce));
        leases.open(pair);
    }

    // ── alive ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_askExpired() public {
        ask.expiry = uint40(block.timestamp);
        _refused(abi.encodeWithSelector(ILeases.OrderExpired.selector, _digest(_hash(ask)), ask.expiry));
        ask.expiry = uint40(block.timestamp + 1);
        _open(_pair(ask, bid, 0, bid.fuel));
    }

    function test_bidExpired() public {
        bid.expiry = uint40(block.timestamp);
        _refused(abi.encodeWithSelector(ILeases.OrderExpired.selector, _digest(_hash(bid)), bid.expiry));
        bid.expiry = uint40(block.timestamp + 1);
        _open(_pair(ask, bid, 0, bid.fuel));
    }

    // ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_token() public {
        bid.token = address(escrow);
        _refused(abi.encodeWithSelector(ILeases.TokensDiffer.selector, ask.token, bid.token));
    }

    function test_provider() public {
        bid.provider = stranger.addr;
        _refused(abi.encodeWithSelector(ILeases.WrongProvider.selector, stranger.addr, provider.addr));
    }

    function test_price() public {
        bid.maxPrice = ask.price - 1;
        _misfit(Limit.Price, ask.price, bid.maxPrice);
        bid.maxPrice += 1;
        _fits();
    }

    function test_jobFuel() public {
        bid.maxJobFuel = ask.jobFuel - 1;
        _misfit(Limit.JobFuel, ask.jobFuel, bid.maxJobFuel);
        bid.maxJobFuel += 1;
        _fits();
    }

    function test_maxFuel() public {
        bid.maxFuel = ask.maxFuel + 1;
        _misfit(Limit.MaxFuel, ask.maxFuel, bid.maxFuel);
        bid.maxFuel -= 1;
        _fits();
    }

    function test_collateral() public {
        bid.collateral = ask.collateral + 1;
        _misfit(Limit.Collateral, ask.collateral, bid.collateral);
        bid.collateral -= 1;
        _fits();
    }

    function test_retainer() public {
        bid.maxRetainer = ask.retainer - 1;
        _misfit(Limit.Retainer, ask.retainer, bid.maxRetainer);
        bid.maxRetainer += 1;
        _fits();
    }

    function test_claimFee() public {
        bid.maxClaimFee = ask.claimFee - 1;
        _misfit(Limit.ClaimFee, ask.claimFee, bid.maxClaimFee);
        bid.maxClaimFee += 1;
        _fits();
    }

    function test_lateFee() public {
        bid.minLateFee = ask.lateFee + 1;
        _misfit(Limit.LateFee, ask.lateFee, bid.minLateFee);
        bid.minLateFee -= 1;
        _fits();
    }

    function test_memory() public {
        bid.memoryPages = ask.memoryPages + 1;
        _misfit(Limit.Memory, ask.memoryPages, bid.memoryPages);
        bid.memoryPages -= 1;
        _fits();
    }

    function test_duration() public {
        bid.end = uint40(block.timestamp) + ask.maxLease + 1;
        _misfit(Limit.Duration, ask.maxLease, uint256(ask.maxLease) + 1);
        bid.end -= 1;
        _fits();
    }

    function test_grace() public {
        bid.grace = ask.minGrace - 1;
        _misfit(Limit.Grace, ask.minGrace, bid.grace);
        bid.grace += 1;
        _fits();
    }

    function test_graceOfAJob() public {
        bid = _jobBid();
        bid.grace = 0;
        Deal memory deal = _open(_pair(ask, bid, 0, bid.fuel));
        same(deal.terms.grace, 0, "a job lease has none");
    }

    function test_window() public {
        bid.window = ask.maxWindow + 1;
        _misfit(Limit.Window, ask.maxWindow, bid.window);
        bid.window -= 1;
        _fits();
    }

    function test_disputeLimit() public {
        bid.disputeLimit = ask.maxDispute + 1;
        _misfit(Limit.Dispute, ask.maxDispute, bid.disputeLimit);
        bid.disputeLimit -= 1;
        _fits();
    }

    function test_leastWindow() public {
        bid.window = 4 * ask.minGrace - 1;
        _misfit(Limit.LeastWindow, 4 * ask.minGrace, bid.window);
        bid.window += 1;
        _fits();
    }

    function test_leastDispute() public {
        bid.disputeLimit = 4 * ask.minGrace - 1;
        _misfit(Limit.LeastDispute, 4 * ask.minGrace, bid.disputeLimit);
        bid.disputeLimit += 1;
        _fits();
    }

    // ── the scheme ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_schemeOfAnotherBid() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        pair.scheme.arbiter = tasker.addr;
        refuses(_notAccepted(_leaf(pair.scheme), bid.scheme, ask.schemes));
        leases.open(pair);
    }

    /// @dev A tasker names itself for an arbiter: the ask's root does not hold that leaf.
    function test_schemeNotUnderTheRoot() public {
        Scheme memory own = _scheme();
        own.arbiter = tasker.addr;
        bid.scheme = _leaf(own);
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        pair.scheme = own;
        refuses(_notAccepted(bid.scheme, bid.scheme, ask.schemes));
        leases.open(pair);
    }

    function test_schemeWithoutProof() public {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        pair.schemeProof = new bytes32[](0);
        refuses(_notAccepted(bid.scheme, bid.scheme, ask.schemes));
        leases.open(pair);
    }

    function test_bond() public {
        bid.bond = _scheme().arbiterFee - 1;
        _refused(abi.encodeWithSelector(ILeases.BondTooSmall.selector, bid.bond, _scheme().arbiterFee));
        bid.bond += 1;
        _fits();
    }

    // ── what adds up ────────────────────────────────────────────────────────────────────────────────────────────

    function test_endsNow() public {
        bid.end = uint40(block.timestamp);
        _refused(abi.encodeWithSelector(ILeases.EndsInThePast.selector, bid.end));
        bid.end += 1;
        _fits();
    }

    function test_taskerFee() public {
        bid.takerFee = 10_001;
        _refused(abi.encodeWithSelector(ILeases.FeeTooHigh.selector, 10_001));
        bid.takerFee = 10_000;
        _fits();
    }

    function test_providerFee() public {
        ask.makerFee = 10_001;
        _refused(abi.encodeWithSelector(ILeases.FeeTooHigh.selector, 10_001));
        ask.makerFee = 10_000;
        _fits();
    }

    function test_noFuel() public {
        (ask.minFuel, bid.minFuel) = (0, 0);
        refuses(abi.encodeWithSelector(ILeases.NoFuel.selector));
        leases.open(_signed(0, 0));
    }

    function test_timesTooLarge() public {
        bid.grace = type(uint32).max - 1 days - bid.window - bid.disputeLimit + 1;
        _refused(abi.encodeWithSelector(ILeases.TooLarge.selector, uint256(type(uint32).max) + 1));
        bid.grace -= 1;
        _fits();
    }

    function test_mostTooLarge() public {
        (ask.retainer, bid.maxRetainer) = (type(uint96).max, type(uint96).max);
        uint256 most = _most(_termsOf(_pair(ask, bid, 0, bid.fuel)));
        _refused(abi.encodeWithSelector(ILeases.TooLarge.selector, most));
    }

    function test_collateralTooLarge() public {
        ask.collateral = type(uint96).max;
        _refused(
            abi.encodeWithSelector(
                ILeases.TooLarge.selector, _ceil(uint256(ask.collateral) * bid.fuel, GIGAFUEL)
            )
        );
    }

    // ── how much ────────────────────────────────────────────────────────────────────────────────────────────────

    function test_overFilledAsk() public {
        ask.capacity = bid.fuel - 1;
        _refused(
            abi.encodeWithSelector(ILeases.OverFilled.selector, _digest(_hash(ask)), bid.fuel - 1, bid.fuel)
        );
        ask.capacity += 1;
        _fits();
    }

    function test_overFilledBid() public {
        _open(_pair(ask, bid, 0, 15 * GIGAFUEL));
        uint64 left = bid.fuel - 15 * GIGAFUEL;
        Match memory pair = _pair(ask, bid, 15 * GIGAFUEL, left + 1);
        refuses(abi.encodeWithSelector(ILeases.OverFilled.selector, _digest(_hash(bid)), left, left + 1));
        leases.open(pair);
    }

    function test_fillTooSmall() public {
        refuses(_tooSmall(_hash(bid), bid.minFuel, bid.minFuel - 1));
        leases.open(_signed(0, bid.minFuel - 1));
        bid.minFuel = 0;
        refuses(_tooSmall(_hash(ask), ask.minFuel, ask.minFuel - 1));
        leases.open(_signed(0, ask.minFuel - 1));
    }

    function test_restOfABidMayBeSmall() public {
        bid.minFuel = 15 * GIGAFUEL;
        _open(_pair(ask, bid, 0, 15 * GIGAFUEL));
        _open(_pair(ask, bid, 15 * GIGAFUEL, bid.fuel - 15 * GIGAFUEL));
    }

    function test_restOfAnAskMayBeSmall() public {
        (ask.capacity, ask.minFuel) = (16 * GIGAFUEL, 15 * GIGAFUEL);
        _open(_pair(ask, bid, 0, 15 * GIGAFUEL));
        bid.minFuel = 0;
        _open(_pair(ask, bid, 0, GIGAFUEL));
    }

    // ── the money ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_taskerIsPoor() public {
        Match memory pair = _signed(0, bid.fuel);
        uint256 lock = _lockOf(_termsOf(pair));
        _withdraw(tasker.addr, FUNDS - lock + 1);
        refuses(_insufficient(tasker.addr, lock - 1, lock));
        leases.open(pair);
    }

    function test_providerIsPoor() public {
        Match memory pair = _signed(0, bid.fuel);
        uint256 lock = _termsOf(pair).collateral;
        _withdraw(provider.addr, FUNDS - lock + 1);
        refuses(_insufficient(provider.addr, lock - 1, lock));
        leases.open(pair);
    }

    function test_exactMoneyIsEnough() public {
        Match memory pair = _signed(0, bid.fuel);
        _withdraw(tasker.addr, FUNDS - _lockOf(_termsOf(pair)));
        _withdraw(provider.addr, FUNDS - _termsOf(pair).collateral);
        leases.open(pair);
        same(_free(tasker.addr) + _free(provider.addr), 0, "all of it is locked");
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _signed(uint64 seq, uint64 fuel) private view returns (Match memory) {
        return _pair(ask, bid, seq, fuel);
    }

    function _fits() private {
        _open(_pair(ask, bid, 0, bid.fuel));
    }

    function _refused(bytes memory reason) private {
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        refuses(reason);
        leases.open(pair);
    }

    function _misfit(Limit limit, uint256 asks, uint256 bids) private {
        _refused(abi.encodeWithSelector(ILeases.Misfit.selector, limit, asks, bids));
    }

    function _tooSmall(bytes32 order, uint64 least, uint64 fuel) private view returns (bytes memory) {
        return abi.encodeWithSelector(ILeases.FillTooSmall.selector, _digest(order), least, fuel);
    }

    function _notAccepted(bytes32 leaf, bytes32 wanted, bytes32 root) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ILeases.SchemeNotAccepted.selector, leaf, wanted, root);
    }

    function _insufficient(address account, uint256 free, uint256 wanted) private view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrow.InsufficientFunds.selector, address(token), account, free, wanted);
    }

    function _withdraw(address account, uint256 amount) private {
        vm.prank(account);
        escrow.withdraw(address(token), amount, account);
    }
}
