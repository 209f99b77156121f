// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Lease, LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// @notice What was demanded and is open: a leaf, or a delivery where `ticket` is set.
struct Demanded {
    bytes32 lease;
    uint32 index;
    bytes32 ticket;
    address asker;
}

/// @notice Remembers what happened, apart from the contracts, and looks at every step whether it may have.
abstract contract Watch is Deals {
    uint256 public deposited;
    uint256 public withdrawn;
    /// @notice The first step that was not allowed; empty while there was none.
    string public broken;
    mapping(bytes32 lease => uint256) internal placeOf; // from 1
    mapping(bytes32 lease => Claim) internal claims;
    mapping(address account => bool) internal mayFall;

    Deal[] private _deals;
    Dispute[] private _disputes;
    Demanded[] private _demands;
    bytes32[] private _orders;
    mapping(bytes32 order => uint64) private _quantity;
    mapping(bytes32 lease => LeaseStatus) private _seen;
    mapping(address account => uint256) private _freeBefore;
    uint256 private _sinkBefore;

    /// @dev Whatever happens in between: no lease goes back, no balance falls that may not, the sink only fills.
    modifier watched() {
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) {
            _freeBefore[all[i]] = _free(all[i]);
            mayFall[all[i]] = false;
        }
        _sinkBefore = escrow.sink(address(token));
        _;
        for (uint256 i; i < all.length; ++i) {
            if (_free(all[i]) < _freeBefore[all[i]] && !mayFall[all[i]]) broken = "a free balance fell";
        }
        if (escrow.sink(address(token)) < _sinkBefore) broken = "the sink fell";
        for (uint256 i; i < _deals.length; ++i) {
            LeaseStatus status = _status(_deals[i]);
            if (!_follows(_seen[_deals[i].id], status)) broken = "a lease went where it may not";
            _seen[_deals[i].id] = status;
        }
    }

    // ── what must hold after every step ─────────────────────────────────────────────────────────────────────────

    function checkSolvent() external view {
        _checkSolvent();
        same(token.balanceOf(address(escrow)), deposited - withdrawn, "in - out");
    }

    /// @dev To the unit: the tasker's rest, what late fees left of the collateral, open bonds and fees, nothing else.
    function checkLocks() external view {
        address[] memory all = _everybody();
        for (uint256 i; i < all.length; ++i) same(_locked(all[i]), _owedLock(all[i]), "locked under what is open");
    }

    function checkLeases() external view {
        for (uint256 i; i < _deals.length; ++i) {
            Deal storage deal = _deals[i];
            Lease memory lease = leases.leaseOf(deal.id);
            atMost(lease.paid, _most(deal.terms), "paid");
            same(lease.disputes, _disputesOf(deal.id), "open disputes");
            same(lease.demands, _demandsOf(deal.id), "open demands");
            if (lease.status == LeaseStatus.Claimed) atMost(lease.owed + deal.terms.claimFee, _most(deal.terms), "owed");
            bool kept = leases.claimOf(deal.id) != 0;
            holds(kept == (lease.status == LeaseStatus.Claimed), "a claim is kept while it matters");
        }
    }

    /// @dev By the fuel of the leases, not by what the contract counts.
    function checkFilled() external view {
        for (uint256 i; i < _orders.length; ++i) {
            uint256 sum;
            for (uint256 k; k < _deals.length; ++k) {
                if (_deals[k].terms.ask == _orders[i] || _deals[k].terms.bid == _orders[i]) sum += _deals[k].terms.fuel;
            }
            atMost(sum, _quantity[_orders[i]], "filled");
        }
    }

    function checkSteps() external view {
        holds(bytes(broken).length == 0, broken);
    }

    function deals() public view returns (uint256) {
        return _deals.length;
    }

    function openDisputes() public view returns (uint256) {
        return _disputes.length;
    }

    function openDemands() public view returns (uint256) {
        return _demands.length;
    }

    // ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────

    function _deal(uint256 place) internal view returns (Deal memory) {
        return _deals[place];
    }

    function _pickCase(uint256 which) internal view returns (Dispute memory) {
        return _disputes[which % _disputes.length];
    }

    function _pickDemand(uint256 which) internal view returns (Demanded memory) {
        return _demands[which % _demands.length];
    }

    function _remember(Deal memory deal, bytes32 ask, uint64 capacity, bytes32 bid, uint64 fuel) internal {
        _deals.push(deal);
        holds(placeOf[deal.id] == 0, "a lease opens once");
        placeOf[deal.id] = _deals.length;
        _rememberOrder(ask, capacity);
        if (fuel != 0) _rememberOrder(bid, fuel);
    }

    function _remember(bytes32 lease, Claim memory claim) internal {
        claims[lease] = claim;
    }

    function _remember(Dispute memory dispute) internal {
        _disputes.push(dispute);
    }

    function _remember(Demanded memory asked) internal {
        _demands.push(asked);
    }

    function _forget(Dispute memory dispute) internal {
        for (uint256 i; i < _disputes.length; ++i) {
            if (_idOf(_disputes[i]) != _idOf(dispute)) continue;
            _disputes[i] = _disputes[_disputes.length - 1];
            _disputes.pop();
            return;
        }
    }

    function _forget(Demanded memory asked) internal {
        for (uint256 i; i < _demands.length; ++i) {
            Demanded memory other = _demands[i];
            bool its = other.lease == asked.lease && other.index == asked.index && other.ticket == asked.ticket;
            if (!its) continue;
            _demands[i] = _demands[_demands.length - 1];
            _demands.pop();
            return;
        }
    }

    function _rememberOrder(bytes32 order, uint64 quantity) private {
        if (_quantity[order] == 0) _orders.push(order);
        _quantity[order] = quantity;
    }

    // ── what should be locked ───────────────────────────────────────────────────────────────────────────────────

    function _owedLock(address account) private view returns (uint256 sum) {
        for (uint256 i; i < _deals.length; ++i) {
            Deal memory deal = _deals[i];
            Lease memory lease = leases.leaseOf(deal.id);
            if (deal.terms.tasker == account && lease.status <= LeaseStatus.Claimed) {
                sum += _lockOf(deal.terms) - lease.paid - uint256(lease.paid) * deal.terms.taskerFee / 10_000;
            }
            if (deal.terms.provider == account && lease.status <= LeaseStatus.Unclaimed) {
                uint256 late = uint256(deal.terms.lateFee) * lease.lateFees;
                uint256 half = deal.terms.collateral / 2;
                sum += deal.terms.collateral - (late < half ? late : half);
            }
        }
        for (uint256 i; i < _disputes.length; ++i) {
            if (_disputes[i].challenger == account) sum += _disputes[i].bond;
        }
        for (uint256 i; i < _demands.length; ++i) {
            if (_demands[i].asker == account) sum += _deals[placeOf[_demands[i].lease] - 1].terms.claimFee;
        }
    }

    function _disputesOf(bytes32 lease) private view returns (uint256 count) {
        for (uint256 i; i < _disputes.length; ++i) {
            if (_disputes[i].lease == lease) ++count;
        }
    }

    function _demandsOf(bytes32 lease) private view returns (uint256 count) {
        for (uint256 i; i < _demands.length; ++i) {
            if (_demands[i].lease == lease) ++count;
        }
    }

    /// @dev The arrows of the protocol's table, each state to itself included.
    function _follows(LeaseStatus from, LeaseStatus to) private pure returns (bool) {
        if (from == to) return true;
        if (from == LeaseStatus.None) return to == LeaseStatus.Open;
        if (from >= LeaseStatus.Slashed) return false;
        if (to >= LeaseStatus.Slashed) return true;
        if (from == LeaseStatus.Open) return true;
        return from == LeaseStatus.Stopped && to >= LeaseStatus.Claimed;
    }
}
