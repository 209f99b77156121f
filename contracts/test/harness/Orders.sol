// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Ask, AskHash} from "../../types/Ask.sol";
import {Bid, BidHash} from "../../types/Bid.sol";
import {Job, JobHash} from "../../types/Job.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Terms, TermsHash} from "../../types/Terms.sol";
import {Market} from "./Market.sol";

/// @notice Orders that fit each other, to be changed in one place before they are signed, and the terms that should follow.
/// @dev Prices and fuels are odd on purpose: hardly an amount comes out whole, so that wrong rounding shows.
abstract contract Orders is Market {
    uint64 internal constant GIGAFUEL = 1e9;
    bytes32 internal constant ANOTHER_SCHEME = keccak256("another scheme");

    uint64 private _nonces;

    function _ask() internal returns (Ask memory ask) {
        ask.account = provider.addr;
        ask.key = providerKey.addr;
        ask.token = address(token);
        ask.price = 0.5 ether + 7;
        ask.jobFuel = 1_000_003;
        ask.capacity = 100 * GIGAFUEL;
        ask.minFuel = GIGAFUEL;
        ask.maxFuel = 10 * GIGAFUEL;
        ask.collateral = 2 ether + 11;
        ask.retainer = 0.01 ether + 1;
        ask.claimFee = 0.02 ether + 1;
        ask.lateFee = 0.03 ether + 1;
        ask.memoryPages = 1024;
        ask.maxLease = 30 days;
        ask.minGrace = 1 hours;
        ask.maxWindow = 7 days;
        ask.maxDispute = 14 days;
        ask.schemes = _rootOver(_leaf(_scheme()), ANOTHER_SCHEME);
        ask.feeTo = matcher.addr;
        ask.makerFee = 10;
        ask.takerFee = 30;
        ask.expiry = uint40(block.timestamp + 30 days);
        ask.nonce = _nextNonce();
    }

    function _bid() internal returns (Bid memory bid) {
        bid.account = tasker.addr;
        bid.key = taskerKey.addr;
        bid.token = address(token);
        bid.maxPrice = 0.6 ether;
        bid.maxJobFuel = 2_000_000;
        bid.fuel = 20 * GIGAFUEL + 13;
        bid.minFuel = 2 * GIGAFUEL;
        bid.maxFuel = 5 * GIGAFUEL;
        bid.collateral = 1 ether;
        bid.maxRetainer = 0.1 ether;
        bid.maxClaimFee = 0.1 ether;
        bid.minLateFee = 0.01 ether;
        bid.memoryPages = 512;
        bid.grace = 2 hours;
        bid.window = 1 days;
        bid.disputeLimit = 3 days;
        bid.scheme = _leaf(_scheme());
        bid.bond = 0.05 ether + 3;
        bid.end = uint40(block.timestamp + 1 days);
        bid.store = store.addr;
        bid.feeTo = matcher.addr;
        bid.makerFee = 20;
        bid.takerFee = 50;
        bid.expiry = uint40(block.timestamp + 1 days);
        bid.nonce = _nextNonce();
    }

    function _job() internal pure returns (Job memory) {
        return Job({
            programRoot: keccak256("program"),
            input: keccak256("input"),
            fuel: 2 * GIGAFUEL,
            outputMax: 4096,
            deadline: uint40(START + 1 hours)
        });
    }

    /// @dev A bid that carries `_job()`, for three attempts of an hour.
    function _jobBid() internal returns (Bid memory bid) {
        bid = _bid();
        bid.job = _hash(_job());
        bid.fuel = 2 * GIGAFUEL + 2_000_000;
        bid.minFuel = 0;
        bid.grace = 0;
        bid.attempts = 3;
        bid.attemptTime = 1 hours;
        _nonces += 3;
    }

    function _scheme() internal view virtual returns (Scheme memory) {
        return Scheme({
            scheme: address(arbiters),
            arbiter: arbiter.addr,
            arbiterFee: 0.04 ether + 1,
            machineVersion: 1,
            taskerShare: 7_000,
            winnerShare: 1_000
        });
    }

    /// @dev Signed by both accounts; the ask stands in the book first.
    function _pair(Ask memory ask, Bid memory bid, uint64 seq, uint64 fuel) internal view returns (Match memory pair) {
        pair.ask = ask;
        pair.askSignature = _sign(provider, _hash(ask));
        pair.bid = bid;
        pair.bidSignature = _sign(tasker, _hash(bid));
        pair.seq = seq;
        pair.fuel = fuel;
        pair.scheme = _scheme();
        pair.schemeProof = new bytes32[](1);
        pair.schemeProof[0] = ANOTHER_SCHEME;
    }

    /// @dev What the lease of this match is, opened now: written down from the interface, not from the code.
    function _termsOf(Match memory pair) internal view returns (Terms memory terms) {
        Ask memory ask = pair.ask;
        Bid memory bid = pair.bid;
        terms.ask = _digest(_hash(ask));
        terms.bid = _digest(_hash(bid));
        terms.seq = pair.seq;
        (terms.tasker, terms.taskerKey) = (bid.account, bid.key);
        (terms.provider, terms.providerKey) = (ask.account, ask.key);
        (terms.token, terms.price, terms.jobFuel) = (ask.token, ask.price, ask.jobFuel);
        (terms.fuel, terms.maxFuel) = (pair.fuel, bid.maxFuel);
        terms.collateral = uint96(_ceil(uint256(ask.collateral) * pair.fuel, GIGAFUEL));
        (terms.retainer, terms.claimFee, terms.lateFee) = (ask.retainer, ask.claimFee, ask.lateFee);
        (terms.bond, terms.openedAt, terms.end) = (bid.bond, uint40(block.timestamp), bid.end);
        if (bid.job == 0) terms.grace = bid.grace;
        if (bid.job != 0 && bid.attemptTime != 0 && block.timestamp + bid.attemptTime < bid.end) {
            terms.end = uint40(block.timestamp) + bid.attemptTime;
        }
        (terms.window, terms.disputeLimit, terms.scheme) = (bid.window, bid.disputeLimit, bid.scheme);
        (terms.store, terms.job) = (bid.store, bid.job);
        (terms.taskerFeeTo, terms.providerFeeTo) = (bid.feeTo, ask.feeTo);
        terms.taskerFee = pair.bidIsMaker ? bid.makerFee : bid.takerFee;
        terms.providerFee = pair.bidIsMaker ? ask.takerFee : ask.makerFee;
    }

    function _nextNonce() internal returns (uint64) {
        return _nonces++;
    }

    function _hash(Ask memory ask) internal pure returns (bytes32) {
        return keccak256(abi.encode(AskHash.TYPEHASH, ask));
    }

    function _hash(Bid memory bid) internal pure returns (bytes32) {
        return keccak256(abi.encode(BidHash.TYPEHASH, bid));
    }

    function _hash(Job memory job) internal pure returns (bytes32) {
        return keccak256(abi.encode(JobHash.TYPEHASH, job));
    }

    function _hash(Terms memory terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(TermsHash.TYPEHASH, terms));
    }

    function _leaf(Scheme memory scheme) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(scheme))));
    }

    function _rootOver(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    /// @dev The most that a lease can come to, fees apart.
    function _most(Terms memory terms) internal pure returns (uint256) {
        return _ceil(uint256(terms.price) * terms.fuel, GIGAFUEL) + terms.retainer + terms.claimFee;
    }

    /// @dev What the tasker locks.
    function _lockOf(Terms memory terms) internal pure returns (uint256) {
        return _most(terms) + _ceil(_most(terms) * terms.taskerFee, 10_000);
    }

    function _ceil(uint256 dividend, uint256 divisor) internal pure returns (uint256) {
        return (dividend + divisor - 1) / divisor;
    }
}
