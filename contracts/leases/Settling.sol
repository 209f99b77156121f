// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {ILeases} from "../interfaces/ILeases.sol";
import {Batch} from "../libraries/Batch.sol";
import {ClaimTree} from "../libraries/ClaimTree.sol";
import {Money} from "../libraries/Money.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Times} from "../libraries/Times.sol";
import {Claim} from "../types/Claim.sol";
import {Closing} from "../types/Closing.sol";
import {Close, Voucher} from "../types/Documents.sol";
import {LeaseSlot, LeaseStatus} from "../types/Lease.sol";
import {Terms, TermsHash} from "../types/Terms.sol";
import {Book} from "./Book.sol";

/// @title How leases are paid and how they end
abstract contract Settling is Book {
    /// @inheritdoc ILeases
    function stop(Terms calldata terms) external {
        (bytes32 id, LeaseSlot lease) = _claimable(terms);
        bool party = msg.sender == terms.tasker || msg.sender == terms.taskerKey || _isProvider(terms);
        if (!party) revert NotAParty(id, msg.sender);
        if (lease.status() == LeaseStatus.Stopped) revert WrongStatus(id, lease.status());
        if (terms.job != 0) revert JobLeaseCannotStop(id);
        _before(id, terms.end);

        _leases[id] = lease.withStatus(LeaseStatus.Stopped).withClosedAfter(block.timestamp - terms.openedAt);
        emit Stopped(id, msg.sender);
    }

    /// @inheritdoc ILeases
    function redeem(Terms calldata terms, uint96 owed, bytes calldata signature) external {
        (bytes32 id, LeaseSlot lease) = _find(terms);
        if (!_hasLock(lease)) revert WrongStatus(id, lease.status());
        if (owed <= lease.paid()) revert VoucherStale(id, lease.paid(), owed);
        _withinMost(id, terms, owed);
        Signatures.check(terms.taskerKey, _hashTypedDataV4(Voucher(id, owed).hash()), signature);

        _leases[id] = lease.withPaid(owed);
        emit Redeemed(id, owed);
        _pay(terms, lease, owed, false, false);
    }

    /// @inheritdoc ILeases
    function close(Closing calldata closing) external {
        Terms calldata terms = closing.terms;
        uint96 owed = closing.owed;
        (bytes32 id, LeaseSlot lease) = _live(terms);
        _before(id, closing.until);
        if (owed < lease.paid()) revert VoucherStale(id, lease.paid(), owed);
        _hasLock(lease) ? _withinMost(id, terms, owed) : _within(id, lease.paid(), owed);
        if (lease.disputes() != 0) {
            if (IDisputes(disputes).thirdPartyDisputes(id) != 0) revert ThirdPartyDispute(id);
            // Only what was ruled before this counts.
            lease = lease.withClosedAfter(block.timestamp - terms.openedAt);
        }
        bytes32 digest = _hashTypedDataV4(Close(id, owed, closing.until).hash());
        Signatures.check(terms.taskerKey, digest, closing.taskerSignature);
        Signatures.check(terms.providerKey, digest, closing.providerSignature);

        _end(id, lease, LeaseStatus.Closed, owed);
        emit Closed(id, owed);
        _pay(terms, lease, owed, true, true);
    }

    /// @inheritdoc ILeases
    function closeBatch(Closing[] calldata closings) external {
        for (uint256 i; i < closings.length; ++i) {
            Closing calldata closing = closings[i];
            uint256 next = i + 1 < closings.length ? _at(closings[i + 1]) : 0;
            (bool done, bytes memory reason) = Batch.tryCall(this.close.selector, _at(closing), next, true);
            if (!done) emit CloseSkipped(i, closing.terms.hash(), reason);
        }
    }

    /// @inheritdoc ILeases
    function claim(Terms calldata terms, Claim calldata what) external {
        (bytes32 id, LeaseSlot lease) = _claimable(terms);
        if (!_isProvider(terms)) revert NotAParty(id, msg.sender);
        _before(id, Times.claimBy(terms, lease));
        // A job's provider that did nothing gets nothing, and does not end the attempts that are left.
        bool bad = terms.job != 0 ? what.count != 1 : what.count > ClaimTree.MOST_LEAVES;
        if (bad || (what.count == 0 && what.sum != 0)) revert BadClaim(what.count, what.sum);
        // Till now `owed` was what timed-out disputes take off the sum.
        uint256 owed = terms.retainer + Math.saturatingSub(what.sum, lease.owed());
        _withinMost(id, terms, owed + terms.claimFee);

        lease = lease.withStatus(LeaseStatus.Claimed).withOwed(owed);
        _leases[id] = lease.withClosedAfter(block.timestamp - terms.openedAt);
        claimOf[id] = what.hash();
        emit Claimed(id, what.root, what.count, what.sum, uint96(owed));
    }

    /// @inheritdoc ILeases
    function decline(Terms calldata terms, bytes32 reason) external {
        (bytes32 id, LeaseSlot lease) = _claimable(terms);
        if (!_isProvider(terms)) revert NotAParty(id, msg.sender);
        _before(id, Times.claimBy(terms, lease));

        _leases[id] = lease.withStatus(LeaseStatus.Declined).withClosedAfter(block.timestamp - terms.openedAt);
        emit Declined(id, reason);
        _pay(terms, lease, lease.paid(), true, false);
    }

    /// @inheritdoc ILeases
    function expire(Terms calldata terms) external {
        (bytes32 id, LeaseSlot lease) = _claimable(terms);
        uint256 claimBy = Times.claimBy(terms, lease);
        _from(id, claimBy);

        _leases[id] = lease.withStatus(LeaseStatus.Unclaimed).withClosedAfter(claimBy - terms.openedAt);
        emit Unclaimed(id);
        _pay(terms, lease, lease.paid(), true, false);
    }

    /// @inheritdoc ILeases
    function finalise(Terms calldata terms) external {
        (bytes32 id, LeaseSlot lease) = _live(terms);
        _from(id, Times.over(terms, lease));
        if (lease.disputes() != 0 || lease.demands() != 0) {
            revert StillContested(id, lease.disputes(), lease.demands());
        }
        uint96 paid = lease.paid();
        // A tasker that redeems its own vouchers meanwhile is not silent, and owes no fee for it.
        bool short = lease.status() == LeaseStatus.Claimed && lease.owed() > paid;
        if (short) paid = lease.owed() + terms.claimFee;

        _end(id, lease, LeaseStatus.Final, paid);
        emit Final(id, paid);
        _pay(terms, lease, paid, true, true);
    }

    /// @inheritdoc ILeases
    function finaliseBatch(Terms[] calldata terms) external {
        for (uint256 i; i < terms.length; ++i) {
            uint256 offset = terms[i].offset();
            uint256 next = offset + TermsHash.WORDS * 32;
            (bool done, bytes memory reason) = Batch.tryCall(this.finalise.selector, offset, next, false);
            if (!done) emit FinaliseSkipped(i, terms[i].hash(), reason);
        }
    }

    /// @dev Leaves a tombstone, and drops the claim, which nobody needs any more.
    function _end(bytes32 id, LeaseSlot lease, LeaseStatus status, uint96 paid) internal {
        _leases[id] = lease.withStatus(status).withPaid(paid);
        if (lease.status() == LeaseStatus.Claimed) delete claimOf[id];
    }

    function _isProvider(Terms calldata terms) private view returns (bool) {
        return msg.sender == terms.provider || msg.sender == terms.providerKey;
    }

    function _withinMost(bytes32 id, Terms calldata terms, uint256 owed) private pure {
        _within(id, Money.most(terms), owed);
    }

    function _within(bytes32 id, uint256 most, uint256 owed) private pure {
        if (owed > most) revert OverTheMost(id, most, owed);
    }

    function _before(bytes32 id, uint256 deadline) private view {
        if (block.timestamp >= deadline) revert TooLate(id, deadline);
    }

    function _from(bytes32 id, uint256 time) private view {
        if (block.timestamp < time) revert TooEarly(id, time);
    }

    function _at(Closing calldata closing) private pure returns (uint256 offset) {
        assembly {
            offset := closing
        }
    }
}
