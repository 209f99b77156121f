// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ILeases, Limit} from "../interfaces/ILeases.sol";
import {Ask} from "../types/Ask.sol";
import {Bid} from "../types/Bid.sol";
import {Match} from "../types/Match.sol";
import {Terms} from "../types/Terms.sol";
import {Money} from "./Money.sol";

/// @title Whether two orders fit, and the terms that follow
library Fit {
    /// @dev Every limit that either order signed and that needs no storage.
    function check(Match calldata pair, Ask memory ask, Bid memory bid) internal pure {
        if (ask.token != bid.token) revert ILeases.TokensDiffer(ask.token, bid.token);
        if (bid.provider != address(0) && bid.provider != ask.account) {
            revert ILeases.WrongProvider(bid.provider, ask.account);
        }
        _atMost(Limit.Price, ask.price, bid.maxPrice);
        _atMost(Limit.JobFuel, ask.jobFuel, bid.maxJobFuel);
        _atMost(Limit.Retainer, ask.retainer, bid.maxRetainer);
        _atMost(Limit.ClaimFee, ask.claimFee, bid.maxClaimFee);
        _atLeast(Limit.MaxFuel, ask.maxFuel, bid.maxFuel);
        _atLeast(Limit.Collateral, ask.collateral, bid.collateral);
        _atLeast(Limit.LateFee, ask.lateFee, bid.minLateFee);
        _atLeast(Limit.Memory, ask.memoryPages, bid.memoryPages);
        _atLeast(Limit.Window, ask.maxWindow, bid.window);
        _atLeast(Limit.Dispute, ask.maxDispute, bid.disputeLimit);
        if (bid.job == 0) _atMost(Limit.Grace, ask.minGrace, bid.grace);
        // A demand leaves a quarter of the window for its answer, and an arbiter must have time to rule.
        uint256 least = uint256(ask.minGrace) * 4;
        _atMost(Limit.LeastWindow, least, bid.window);
        _atMost(Limit.LeastDispute, least, bid.disputeLimit);
        _checkScheme(pair, ask, bid);
    }

    /// @dev What the lease will be: a pure function of the orders and when they meet, which clients repeat.
    function terms(
        Match calldata pair,
        Ask memory ask,
        Bid memory bid,
        bytes32 askDigest,
        bytes32 bidDigest,
        uint256 time
    ) internal pure returns (Terms memory t) {
        t.ask = askDigest;
        t.bid = bidDigest;
        t.seq = pair.seq;
        t.tasker = bid.account;
        t.taskerKey = bid.key;
        t.provider = ask.account;
        t.providerKey = ask.key;
        t.token = ask.token;
        t.price = ask.price;
        t.jobFuel = ask.jobFuel;
        t.fuel = pair.fuel;
        t.maxFuel = bid.maxFuel;
        t.collateral = _amount(Money.atMost(ask.collateral, pair.fuel));
        t.retainer = ask.retainer;
        t.claimFee = ask.claimFee;
        t.lateFee = ask.lateFee;
        t.bond = bid.bond;
        t.openedAt = uint40(time);
        t.end = bid.end;
        if (bid.job == 0) {
            t.grace = bid.grace;
        } else if (bid.attemptTime != 0 && time + bid.attemptTime < bid.end) {
            t.end = uint40(time + bid.attemptTime);
        }
        t.window = bid.window;
        t.disputeLimit = bid.disputeLimit;
        t.scheme = bid.scheme;
        t.store = bid.store;
        t.job = bid.job;
        t.taskerFeeTo = bid.feeTo;
        t.taskerFee = pair.bidIsMaker ? bid.makerFee : bid.takerFee;
        t.providerFeeTo = ask.feeTo;
        t.providerFee = pair.bidIsMaker ? ask.takerFee : ask.makerFee;
    }

    function _checkScheme(Match calldata pair, Ask memory ask, Bid memory bid) private pure {
        bytes32 leaf = pair.scheme.leaf();
        bytes32 wanted = bid.scheme;
        bytes32 root = ask.schemes;
        if (leaf != wanted || !MerkleProof.verifyCalldata(pair.schemeProof, root, leaf)) {
            revert ILeases.SchemeNotAccepted(leaf, wanted, root);
        }
        if (bid.bond < pair.scheme.arbiterFee) {
            revert ILeases.BondTooSmall(bid.bond, pair.scheme.arbiterFee);
        }
    }

    function _atMost(Limit limit, uint256 ask, uint256 bid) private pure {
        if (ask > bid) revert ILeases.Misfit(limit, ask, bid);
    }

    function _atLeast(Limit limit, uint256 ask, uint256 bid) private pure {
        if (ask < bid) revert ILeases.Misfit(limit, ask, bid);
    }

    function _amount(uint256 value) private pure returns (uint96) {
        if (value > type(uint96).max) revert ILeases.TooLarge(value);
        return uint96(value);
    }
}
