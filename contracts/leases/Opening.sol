// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ILeases, Limit} from "../interfaces/ILeases.sol";
import {ILocks} from "../interfaces/ILocks.sol";
import {Batch} from "../libraries/Batch.sol";
import {Fit} from "../libraries/Fit.sol";
import {Money} from "../libraries/Money.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Ask} from "../types/Ask.sol";
import {Bid} from "../types/Bid.sol";
import {LeaseSlot, LeaseSlots, LeaseStatus} from "../types/Lease.sol";
import {Match} from "../types/Match.sol";
import {Terms, TermsHash} from "../types/Terms.sol";
import {Book} from "./Book.sol";
import {Nonces} from "./Nonces.sol";

/// @title How leases open
abstract contract Opening is Book, Nonces {
    /// @dev Whole words: the compiler would read a narrower value again before it writes it.
    mapping(bytes32 digest => uint256) private _filled;

    /// @inheritdoc ILeases
    function open(Match calldata pair) external returns (bytes32 id) {
        (Ask memory ask, bytes32 askHash) = pair.ask.load();
        (Bid memory bid, bytes32 bidHash) = pair.bid.load();
        bytes32 askDigest = _hashTypedDataV4(askHash);
        bytes32 bidDigest = _hashTypedDataV4(bidHash);
        if (block.timestamp >= ask.expiry) revert OrderExpired(askDigest, ask.expiry);
        if (block.timestamp >= bid.expiry) revert OrderExpired(bidDigest, bid.expiry);
        Fit.check(pair, ask, bid);
        Terms memory terms = Fit.terms(pair, ask, bid, askDigest, bidDigest, block.timestamp);
        _checkTerms(terms, ask.maxLease);
        uint256 most = Money.atMost(terms.price, terms.fuel) + terms.retainer + terms.claimFee;
        if (most > type(uint96).max) revert TooLarge(most);
        address taskerOperator = Signatures.operatorFor(bid.account, bidDigest, pair.bidSignature);
        address providerOperator = Signatures.operatorFor(ask.account, askDigest, pair.askSignature);

        _fillAsk(ask, askDigest, pair.fuel);
        _fillBid(bid, bidDigest, pair);
        id = terms.hashMemory();
        _leases[id] = LeaseSlots.OPEN;
        emit Opened(id, askDigest, bidDigest, pair.seq, pair.fuel, terms.openedAt, pair.bidIsMaker);

        ILocks(escrow)
            .lock(
                terms.token,
                terms.tasker,
                Money.lockFor(most, terms.taskerFee),
                taskerOperator,
                terms.provider,
                terms.collateral,
                providerOperator
            );
    }

    /// @inheritdoc ILeases
    function openBatch(Match[] calldata pairs) external {
        for (uint256 i; i < pairs.length; ++i) {
            Match calldata pair = pairs[i];
            uint256 next = i + 1 < pairs.length ? _at(pairs[i + 1]) : 0;
            (bool done, bytes memory reason) = Batch.tryCall(this.open.selector, _at(pair), next, true);
            if (!done) {
                emit MatchSkipped(i, _hashTypedDataV4(pair.ask.hash()), _hashTypedDataV4(pair.bid.hash()), reason);
            }
        }
    }

    /// @inheritdoc ILeases
    function filled(bytes32 digest) external view returns (uint64) {
        return uint64(_filled[digest]);
    }

    function _at(Match calldata pair) private pure returns (uint256 offset) {
        assembly {
            offset := pair
        }
    }

    function _checkTerms(Terms memory terms, uint40 maxLease) private pure {
        if (terms.end <= terms.openedAt) revert EndsInThePast(terms.end);
        uint256 duration = terms.end - terms.openedAt;
        if (duration > maxLease) revert Misfit(Limit.Duration, maxLease, duration);
        uint256 longest = duration + terms.grace + terms.window + terms.disputeLimit;
        if (longest > type(uint32).max) revert TooLarge(longest);
        if (terms.taskerFee > Money.BASIS) revert FeeTooHigh(terms.taskerFee);
        if (terms.providerFee > Money.BASIS) revert FeeTooHigh(terms.providerFee);
        if (terms.fuel == 0) revert NoFuel();
    }

    function _fillAsk(Ask memory ask, bytes32 digest, uint64 fuel) private {
        _checkNonce(ask.account, ask.nonce);
        _fillPart(digest, _filled[digest], ask.capacity, ask.minFuel, fuel);
    }

    /// @dev A bid that opens whole burns a nonce, which costs less than a count of its own. One that may open by
    ///      parts is counted, and opens whole only while nothing of it is.
    function _fillBid(Bid memory bid, bytes32 digest, Match calldata pair) private {
        (uint64 seq, uint64 fuel, uint64 whole) = (pair.seq, pair.fuel, bid.fuel);
        if (bid.job != 0) {
            if (fuel != whole) revert NotAllOfIt(digest, whole, fuel);
            if (seq >= bid.attempts) revert NoAttemptLeft(digest, bid.attempts, seq);
            if (seq > 0) _endPrevious(digest, seq, pair.previous);
            _burnNonce(bid.account, bid.nonce + seq);
            return;
        }

        uint256 already = bid.minFuel < whole ? _filled[digest] : 0;
        if (seq != already) revert WrongSeq(digest, uint64(already), seq);
        if (fuel == whole && already == 0) {
            _burnNonce(bid.account, bid.nonce);
        } else {
            _checkNonce(bid.account, bid.nonce);
            _fillPart(digest, already, whole, bid.minFuel, fuel);
        }
    }

    /// @dev Not less than the order's least, unless it is all that is left of it.
    function _fillPart(bytes32 digest, uint256 already, uint64 whole, uint64 least, uint64 fuel) private {
        unchecked {
            uint256 left = whole - already;
            if (fuel > left) revert OverFilled(digest, uint64(left), fuel);
            if (fuel < least && fuel < left) revert FillTooSmall(digest, least, fuel);
            _filled[digest] = already + fuel;
        }
    }

    /// @dev Never while another attempt could still be paid: one that nobody claimed gives its lock back first, so
    ///      that no voucher and no closing that somebody kept is good any more.
    function _endPrevious(bytes32 digest, uint64 seq, Terms[] calldata previous) private {
        if (previous.length != 1 || previous[0].bid != digest || previous[0].seq != seq - 1) {
            revert NotThePreviousAttempt(digest, seq);
        }
        (bytes32 id, LeaseSlot lease) = _find(previous[0]);
        bool ended = lease.status() > LeaseStatus.Claimed;
        if (lease.status() <= LeaseStatus.Stopped) {
            uint256 offset = previous[0].offset();
            (ended,) = Batch.tryCall(this.expire.selector, offset, offset + TermsHash.WORDS * 32, false);
        }
        if (!ended || lease.paid() != 0) revert PreviousAttemptStands(id, lease.status(), lease.paid());
    }
}
