// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {ILeases} from "../interfaces/ILeases.sol";
import {ILocks, Payment} from "../interfaces/ILocks.sol";
import {Money} from "../libraries/Money.sol";
import {Lease, LeaseSlot, LeaseStatus} from "../types/Lease.sol";
import {Terms} from "../types/Terms.sol";

/// @title What all of the lease book stands on: its storage, how a lease is read, how it is paid
/// @dev No guard against re-entry: the only strangers' code it ever calls are ERC-1271 accounts, by STATICCALL.
abstract contract Book is ILeases, EIP712 {
    /// @inheritdoc ILeases
    address public immutable escrow;

    /// @inheritdoc ILeases
    address public immutable disputes;
    /// @inheritdoc ILeases
    address public immutable demands;

    mapping(bytes32 id => LeaseSlot) internal _leases;
    /// @inheritdoc ILeases
    mapping(bytes32 id => bytes32) public claimOf;

    constructor(address escrow_, address disputes_, address demands_) EIP712("Millrace", "1") {
        (escrow, disputes, demands) = (escrow_, disputes_, demands_);
        if (IEscrow(escrow_).book() != address(this)) revert WrongDeployment(escrow_);
    }

    /// @inheritdoc ILeases
    function leaseOf(bytes32 id) external view returns (Lease memory) {
        return _leases[id].unpack();
    }

    /// @inheritdoc ILeases
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev The lease of these terms, which must be live.
    function _live(Terms calldata terms) internal view returns (bytes32 id, LeaseSlot lease) {
        (id, lease) = _find(terms);
        if (lease.status() > LeaseStatus.Unclaimed) revert WrongStatus(id, lease.status());
    }

    /// @dev The lease of these terms, for which tickets may still be claimed.
    function _claimable(Terms calldata terms) internal view returns (bytes32 id, LeaseSlot lease) {
        (id, lease) = _find(terms);
        if (lease.status() > LeaseStatus.Stopped) revert WrongStatus(id, lease.status());
    }

    function _find(Terms calldata terms) internal view returns (bytes32 id, LeaseSlot lease) {
        id = terms.hash();
        lease = _leases[id];
        if (lease.status() == LeaseStatus.None) revert NoSuchLease(id);
    }

    /// @dev Whether the tasker's rest is still locked: it is freed once nobody can claim it any more.
    function _hasLock(LeaseSlot lease) internal pure returns (bool) {
        return lease.status() <= LeaseStatus.Claimed;
    }

    /// @dev Pays up to `owed`, frees what ends with it, in one net movement an account.
    /// @param lease as it was before
    /// @param freeTasker whether the tasker's rest goes back
    /// @param freeProvider whether the collateral goes back
    function _pay(Terms calldata terms, LeaseSlot lease, uint256 owed, bool freeTasker, bool freeProvider) internal {
        uint256 paid = lease.paid();
        uint256 due = owed - paid;
        uint256 fee = Money.fee(owed, terms.taskerFee) - Money.fee(paid, terms.taskerFee);
        uint256 otherFee = Money.fee(owed, terms.providerFee) - Money.fee(paid, terms.providerFee);
        uint256 collateral = freeProvider ? Money.leftOfCollateral(terms, lease.lateFees()) : 0;
        uint256 unlocked = freeTasker && _hasLock(lease) ? Money.leftOfLock(terms, paid) : due + fee;
        Payment memory payment = Payment({
            token: terms.token,
            tasker: terms.tasker,
            taskerUnlocks: unlocked,
            taskerGets: unlocked - due - fee,
            provider: terms.provider,
            providerUnlocks: collateral,
            providerGets: collateral + due - otherFee,
            feeTo: terms.taskerFeeTo,
            fee: fee,
            otherFeeTo: terms.providerFeeTo,
            otherFee: otherFee
        });
        ILocks(escrow).pay(payment);
    }
}
