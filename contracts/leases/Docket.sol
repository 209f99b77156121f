// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDocket, Matter} from "../interfaces/IDocket.sol";
import {Guilt} from "../interfaces/ILeases.sol";
import {ILocks, Movement} from "../interfaces/ILocks.sol";
import {Money} from "../libraries/Money.sol";
import {Slash} from "../libraries/Slash.sol";
import {LeaseSlot, LeaseStatus} from "../types/Lease.sol";
import {Scheme} from "../types/Scheme.sol";
import {Terms} from "../types/Terms.sol";
import {Settling} from "./Settling.sol";

/// @title What disputes and demands do to a lease
abstract contract Docket is IDocket, Settling {
    uint8 private constant MOST_DEMANDS = 16;

    modifier onlyDocket() {
        if (msg.sender != disputes && msg.sender != demands) revert NotTheDocket(msg.sender);
        _;
    }

    /// @inheritdoc IDocket
    function slotOf(bytes32 id) external view returns (LeaseSlot) {
        return _leases[id];
    }

    /// @inheritdoc IDocket
    function enter(Terms calldata terms, Matter matter, address opener, uint96 stake) external onlyDocket {
        (bytes32 id, LeaseSlot lease) = _live(terms);
        if (matter == Matter.Dispute) {
            if (lease.disputes() == type(uint8).max) revert TooManyOpen(id);
            _leases[id] = lease.plusDispute();
        } else {
            if (lease.demands() == MOST_DEMANDS) revert TooManyOpen(id);
            _leases[id] = lease.plusDemand();
        }
        _moveOne(terms.token, Movement(opener, -_int(stake), _int(stake)));
    }

    /// @inheritdoc IDocket
    function release(Terms calldata terms, Matter matter, address opener, uint96 stake, address to)
        external
        onlyDocket
    {
        _leave(terms.hash(), matter);

        Movement[] memory movements = new Movement[](2);
        movements[0] = Movement(opener, 0, -_int(stake));
        movements[1] = Movement(to, _int(stake), 0);
        ILocks(escrow).move(terms.token, movements, 0);
    }

    /// @inheritdoc IDocket
    function forfeit(Terms calldata terms, Scheme calldata scheme, address challenger, uint96 stake, bool wrong)
        external
        onlyDocket
    {
        bytes32 id = terms.hash();
        (uint256 toArbiter, uint256 toProvider, uint256 burned) = Slash.ofBond(stake, scheme);
        uint256 back;
        if (!wrong) (back, toProvider, burned) = (toProvider + burned, 0, 0);
        _leave(id, Matter.Dispute);
        emit BondForfeited(id, challenger, toArbiter, toProvider, burned);

        Movement[] memory movements = new Movement[](3);
        movements[0] = Movement(challenger, _int(back), -_int(stake));
        movements[1] = Movement(scheme.arbiter, _int(toArbiter), 0);
        movements[2] = Movement(terms.provider, _int(toProvider), 0);
        ILocks(escrow).move(terms.token, movements, burned);
    }

    /// @inheritdoc IDocket
    function voidJob(Terms calldata terms, address challenger, uint96 stake, uint96 amount) external onlyDocket {
        (bytes32 id, LeaseSlot lease) = _live(terms);
        // A claim is cut down; before one, `owed` gathers what it will be cut down by.
        uint256 owed = lease.status() == LeaseStatus.Claimed
            ? Math.saturatingSub(lease.owed(), amount)
            : Math.min(uint256(lease.owed()) + amount, type(uint96).max);

        _leases[id] = lease.withOwed(owed).minusDispute();
        emit Voided(id, amount);
        _moveOne(terms.token, Movement(challenger, _int(stake), -_int(stake)));
    }

    /// @inheritdoc IDocket
    function chargeLate(Terms calldata terms, address asker, uint96 stake) external onlyDocket {
        (bytes32 id, LeaseSlot lease) = _live(terms);
        // A verdict finds the collateral that was there when its case opened.
        if (lease.disputes() != 0) revert StillContested(id, lease.disputes(), lease.demands());
        uint256 amount = Money.leftOfCollateral(terms, lease.lateFees());
        if (lease.lateFees() < type(uint8).max) lease = lease.plusLateFee();
        amount -= Money.leftOfCollateral(terms, lease.lateFees());

        _leases[id] = lease.minusDemand();
        emit LateFeePaid(id, amount);

        Movement[] memory movements = new Movement[](3);
        movements[0] = Movement(asker, _int(stake), -_int(stake));
        movements[1] = Movement(terms.provider, 0, -_int(amount));
        movements[2] = Movement(terms.tasker, _int(amount), 0);
        ILocks(escrow).move(terms.token, movements, 0);
    }

    /// @inheritdoc IDocket
    function slash(Terms calldata terms, Scheme calldata scheme, Guilt guilt, address winner, uint96 stake)
        external
        onlyDocket
    {
        (bytes32 id, LeaseSlot lease) = _live(terms);
        uint256 collateral = Money.leftOfCollateral(terms, lease.lateFees());
        uint256 back = _hasLock(lease) ? Money.leftOfLock(terms, lease.paid()) : 0;
        (uint256 toArbiter, uint256 toTasker, uint256 toWinner, uint256 burned) =
            Slash.ofCollateral(collateral, scheme, guilt == Guilt.Verdict);
        // Guilt may be shown by a liar's friend, ahead of the challenger who is about to win.
        if (guilt != Guilt.Verdict && lease.disputes() != 0) (toWinner, burned) = (0, burned + toWinner);

        if (guilt == Guilt.Verdict) lease = lease.minusDispute();
        if (guilt == Guilt.LeafNotShown) lease = lease.minusDemand();
        _end(id, lease, LeaseStatus.Slashed, lease.paid());
        emit Slashed(id, guilt, winner, toArbiter, toTasker, toWinner, burned);

        Movement[] memory movements = new Movement[](4);
        movements[0] = Movement(terms.provider, 0, -_int(collateral));
        movements[1] = Movement(terms.tasker, _int(back + toTasker), -_int(back));
        movements[2] = Movement(winner, _int(stake + toWinner), -_int(stake));
        movements[3] = Movement(scheme.arbiter, _int(toArbiter), 0);
        ILocks(escrow).move(terms.token, movements, burned);
    }

    function _leave(bytes32 id, Matter matter) private {
        LeaseSlot lease = _leases[id];
        _leases[id] = matter == Matter.Dispute ? lease.minusDispute() : lease.minusDemand();
    }

    function _moveOne(address token, Movement memory one) private {
        Movement[] memory movements = new Movement[](1);
        movements[0] = one;
        ILocks(escrow).move(token, movements, 0);
    }

    /// @dev Every amount fits in 97 bits.
    function _int(uint256 amount) private pure returns (int256) {
        return int256(amount);
    }
}
