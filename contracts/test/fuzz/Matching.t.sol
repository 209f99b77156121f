// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// A match opens if and only if a naive reading of both orders says so
/// ├── every limit is drawn on it, one inside it or one outside it, most of them inside
/// ├── what opens locks what the interface says, and the ask and the bid count it
/// └── what does not open changes nothing
contract MatchingTest is Deals {
    uint256 private draws;

    /// forge-config: default.fuzz.runs = 2500
    /// forge-config: deep.fuzz.runs = 50000
    function testFuzz_limits(uint256 seed) public {
        draws = seed;
        (Ask memory ask, Bid memory bid, uint64 seq, uint64 fuel) = _drawn();
        Match memory pair = _pair(ask, bid, seq, fuel);
        pair.bidIsMaker = _draw(2) == 0;
        pair.scheme = _drawScheme();
        bool expected = _fits(pair);
        bool opened = _tries(pair);
        holds(opened == expected, expected ? "it must open" : "it must not open");
    }

    /// @dev Two parts of one bid and one ask, of any size: never more than either offers.
    /// forge-config: default.fuzz.runs = 1000
    /// forge-config: deep.fuzz.runs = 20000
    function testFuzz_parts(uint256 seed) public {
        draws = seed;
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        ask.capacity = _around(bid.fuel);
        bid.minFuel = uint64(_draw(bid.fuel));
        ask.minFuel = uint64(_draw(bid.fuel));
        uint64 filled;
        for (uint256 i; i < 4; ++i) {
            uint64 left = (ask.capacity < bid.fuel ? ask.capacity : bid.fuel) - filled;
            uint64 fuel = _draw(3) == 0 ? _around(left) : uint64(_draw(uint256(left) + 2));
            uint64 seq = _draw(4) == 0 ? _around(filled) : filled;
            bool expected = seq == filled && fuel > 0 && _fillFits(bid.fuel - filled, bid.minFuel, fuel)
                && _fillFits(ask.capacity - filled, ask.minFuel, fuel) && filled < bid.fuel;
            holds(_tries(_pair(ask, bid, seq, fuel)) == expected, "a part");
            if (expected) filled += fuel;
        }
        same(leases.filled(_digest(_hash(ask))), filled, "the ask counts it");
        atMost(filled, ask.capacity, "never more than it offers");
    }

    // ── the reference ───────────────────────────────────────────────────────────────────────────────────────────

    function _fits(Match memory pair) private view returns (bool) {
        (Ask memory ask, Bid memory bid) = (pair.ask, pair.bid);
        bool job = bid.job != 0;
        bool ok = ask.token == bid.token && (bid.provider == address(0) || bid.provider == ask.account);
        ok = ok && block.timestamp < ask.expiry && block.timestamp < bid.expiry;
        ok = ok && ask.price <= bid.maxPrice && ask.jobFuel <= bid.maxJobFuel && bid.maxFuel <= ask.maxFuel;
        ok = ok && bid.collateral <= ask.collateral && ask.retainer <= bid.maxRetainer;
        ok = ok && ask.claimFee <= bid.maxClaimFee && bid.minLateFee <= ask.lateFee;
        ok = ok && bid.memoryPages <= ask.memoryPages && bid.window <= ask.maxWindow;
        ok = ok && bid.disputeLimit <= ask.maxDispute && (job || ask.minGrace <= bid.grace);
        ok = ok && 4 * uint256(ask.minGrace) <= bid.window && 4 * uint256(ask.minGrace) <= bid.disputeLimit;
        ok = ok && _leaf(pair.scheme) == bid.scheme && pair.scheme.arbiterFee <= bid.bond;
        ok = ok && bid.end > block.timestamp && _endOf(bid) - block.timestamp <= ask.maxLease;
        ok = ok && (pair.bidIsMaker ? bid.makerFee : bid.takerFee) <= 10_000;
        ok = ok && (pair.bidIsMaker ? ask.takerFee : ask.makerFee) <= 10_000;
        ok = ok && pair.fuel > 0 && _fillFits(ask.capacity, ask.minFuel, pair.fuel);
        if (job) return ok && pair.fuel == bid.fuel && pair.seq == 0 && bid.attempts > 0;
        return ok && pair.seq == 0 && _fillFits(bid.fuel, bid.minFuel, pair.fuel);
    }

    function _fillFits(uint64 left, uint64 least, uint64 fuel) private pure returns (bool) {
        return fuel <= left && (fuel >= least || fuel == left);
    }

    function _endOf(Bid memory bid) private view returns (uint256) {
        uint256 attempt = block.timestamp + bid.attemptTime;
        return bid.job != 0 && bid.attemptTime != 0 && attempt < bid.end ? attempt : bid.end;
    }

    // ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _drawn() private returns (Ask memory ask, Bid memory bid, uint64 seq, uint64 fuel) {
        ask = _ask();
        bid = _draw(3) == 0 ? _jobBid() : _bid();
        bid.maxPrice = uint96(_above(ask.price));
        bid.maxJobFuel = uint64(_above(ask.jobFuel));
        bid.maxFuel = uint64(_below(ask.maxFuel));
        bid.collateral = uint96(_below(ask.collateral));
        bid.maxRetainer = uint96(_above(ask.retainer));
        bid.maxClaimFee = uint96(_above(ask.claimFee));
        bid.minLateFee = uint96(_below(ask.lateFee));
        bid.memoryPages = uint32(_below(ask.memoryPages));
        bid.window = uint40(_below(ask.maxWindow));
        bid.disputeLimit = uint40(_below(ask.maxDispute));
        if (_draw(5) == 0) bid.window = uint40(_above(4 * uint256(ask.minGrace)));
        if (_draw(5) == 0) bid.disputeLimit = uint40(_above(4 * uint256(ask.minGrace)));
        if (bid.job == 0) bid.grace = uint40(_above(ask.minGrace));
        bid.bond = uint96(_above(_scheme().arbiterFee));
        bid.end = uint40(block.timestamp + _below(ask.maxLease));
        if (_draw(30) == 0) bid.end = uint40(block.timestamp + _draw(2));
        if (_draw(30) == 0) bid.token = stranger.addr;
        if (_draw(5) == 0) bid.provider = _draw(6) == 0 ? stranger.addr : provider.addr;
        if (_draw(10) == 0) ask.expiry = uint40(block.timestamp + _draw(3) - 1);
        if (_draw(10) == 0) bid.expiry = uint40(block.timestamp + _draw(3) - 1);
        if (_draw(10) == 0) bid.takerFee = uint16(9_999 + _draw(3));
        if (_draw(10) == 0) ask.makerFee = uint16(9_999 + _draw(3));
        if (_draw(20) == 0) bid.attempts = 0;
        if (_draw(20) == 0) seq = 1;
        fuel = bid.job != 0 || _draw(3) == 0 ? bid.fuel : _around(bid.minFuel);
        if (_draw(20) == 0) fuel = _around(bid.fuel);
        if (_draw(4) == 0) ask.capacity = _around(fuel);
        if (_draw(4) == 0) ask.minFuel = _around(fuel);
    }

    function _drawScheme() private returns (Scheme memory scheme) {
        scheme = _scheme();
        if (_draw(30) == 0) scheme.taskerShare -= 1;
    }

    /// @dev On the limit, above it, or, rarely, one below it.
    function _above(uint256 limit) private returns (uint256) {
        uint256 drawn = _draw(60);
        return drawn == 0 ? limit - 1 : limit + drawn % 3;
    }

    /// @dev On the limit, below it, or, rarely, one above it.
    function _below(uint256 limit) private returns (uint256) {
        uint256 drawn = _draw(60);
        return drawn == 0 ? limit + 1 : limit - drawn % 3;
    }

    function _around(uint64 value) private returns (uint64) {
        uint64 drawn = uint64(_draw(3));
        return value + drawn == 0 ? 0 : value + drawn - 1;
    }

    function _draw(uint256 below) private returns (uint256) {
        draws = uint256(keccak256(abi.encode(draws)));
        return draws % below;
    }

    // ── trying ──────────────────────────────────────────────────────────────────────────────────────────────────

    function _tries(Match memory pair) private returns (bool opened) {
        Deal memory deal = _dealOf(pair);
        (uint256 taskers, uint256 providers) = (_locked(tasker.addr), _locked(provider.addr));
        try leases.open(pair) returns (bytes32 id) {
            same(id, deal.id, "the lease is the hash of its terms");
            same(_locked(tasker.addr), taskers + _lockOf(deal.terms), "the tasker's lock");
            same(_locked(provider.addr), providers + deal.terms.collateral, "the provider's lock");
            return true;
        } catch {
            same(_locked(tasker.addr) + _locked(provider.addr), taskers + providers, "nothing changed");
        }
    }
}
