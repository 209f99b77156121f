// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDemands} from "../../interfaces/IDemands.sol";
import {IDocket} from "../../interfaces/IDocket.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";
import {Guilt, ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Evidence, Receipt} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Trees} from "../harness/Trees.sol";

/// demand
/// ├── when the claim is another: it reverts NotTheClaim
/// ├── when there is no such place: it reverts NoSuchLeaf
/// ├── when the caller is not the tasker or its key: it reverts NotTheTasker
/// ├── when five eighths of the window are over: it reverts OutsideDemandTime
/// ├── when it was demanded before, answered or not: it reverts AlreadyDemanded
/// ├── when the asker has less than the fee: it reverts InsufficientFunds
/// ├── when 16 are open: it reverts TooManyOpen, and one answered makes room
/// └── else: it locks the fee, for a quarter of the window
/// answer, answerSkipped
/// ├── when it was not demanded, or was answered: they revert NoSuchDemand
/// ├── when it is past `until`: they revert AnswerTooLate
/// ├── when the claim is another, or the leaf stands elsewhere: they revert NotTheClaim, NotInTheClaim
/// ├── when the papers are not in order, or more fuel is claimed than the job allows: it reverts (see below)
/// └── else: the provider earns the fee, whoever answered
/// lapse
/// ├── when there is no open demand: it reverts NoSuchDemand
/// ├── when it can still be answered: it reverts NotLapsedYet
/// ├── when the scheme is not the terms': it reverts NotTheScheme
/// ├── given a live lease: slashed, the asker is the winner, no arbiter is paid
/// └── given a lease that ended otherwise: the fee comes back at once
contract DemandsTest is Deals {
    Deal private deal;
    Claim private claim;
    uint256 private claimedAt;

    function setUp() public override {
        super.setUp();
        deal = _open();
        claim = _claim(deal);
        claimedAt = block.timestamp;
    }

    // ── demand ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_demand() public {
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.expectEmit(address(demands));
        emit IDemands.LeafDemanded(deal.id, 2, tasker.addr, until);
        _demand(deal, claim, 2);
        _checkDemand(2, tasker.addr, until, true);
        same(_locked(tasker.addr), _lockOf(deal.terms) + deal.terms.claimFee, "the fee is locked");
        same(leases.leaseOf(deal.id).demands, 1, "one is open");
        _checkSolvent();
    }

    function test_byTheKey() public {
        vm.prank(taskerKey.addr);
        demands.demand(deal.terms, claim, 0);
        same(_locked(taskerKey.addr), deal.terms.claimFee, "out of the key's own balance");
    }

    function test_anotherClaim() public {
        claim.root = 0;
        refuses(abi.encodeWithSelector(IPapers.NotTheClaim.selector, deal.id));
        _demand(deal, claim, 0);
    }

    function test_noClaim() public {
        Deal memory other = _open();
        refuses(abi.encodeWithSelector(IPapers.NotTheClaim.selector, other.id));
        _demand(other, claim, 0);
    }

    /// @dev Three results stand in a tree of four places, of which the last is padding and can be asked for too.
    function test_places() public {
        _demand(deal, claim, 3);
        refuses(abi.encodeWithSelector(IDemands.NoSuchLeaf.selector, deal.id, 4));
        _demand(deal, claim, 4);
    }

    function test_emptyClaim() public {
        Deal memory other = _open();
        Claim memory empty = Claim(0, 0, 0);
        vm.prank(provider.addr);
        leases.claim(other.terms, empty);
        refuses(abi.encodeWithSelector(IDemands.NoSuchLeaf.selector, other.id, 0));
        _demand(other, empty, 0);
    }

    function test_byOthers() public {
        address[3] memory callers = [provider.addr, challenger.addr, stranger.addr];
        for (uint256 i; i < callers.length; ++i) {
            refuses(abi.encodeWithSelector(IDemands.NotTheTasker.selector, deal.id, callers[i]));
            vm.prank(callers[i]);
            demands.demand(deal.terms, claim, 0);
        }
    }

    function test_tooLate() public {
        uint256 last = claimedAt + deal.terms.window * 5 / 8;
        vm.warp(last);
        refuses(abi.encodeWithSelector(IDemands.OutsideDemandTime.selector, deal.id, claimedAt, last));
        _demand(deal, claim, 0);
        vm.warp(last - 1);
        _demand(deal, claim, 0);
    }

    function test_twice() public {
        _demand(deal, claim, 0);
        bytes memory reason = abi.encodeWithSelector(IDemands.AlreadyDemanded.selector, deal.id, bytes32(0));
        refuses(reason);
        _demand(deal, claim, 0);
        _answer(0);
        refuses(reason);
        _demand(deal, claim, 0);
    }

    function test_noFee() public {
        uint256 fee = deal.terms.claimFee;
        uint256 free = _free(tasker.addr);
        vm.prank(tasker.addr);
        escrow.withdraw(address(token), free - fee + 1, tasker.addr);
        refuses(
            abi.encodeWithSelector(
                IEscrow.InsufficientFunds.selector, address(token), tasker.addr, fee - 1, fee
            )
        );
        _demand(deal, claim, 0);
    }

    function test_sixteen() public {
        Deal memory other = _open();
        Claim memory many = Claim(0, 32, 0);
        Sibling[] memory leaves = new Sibling[](32);
        many = Trees.claim(leaves);
        vm.prank(provider.addr);
        leases.claim(other.terms, many);
        for (uint32 i; i < 16; ++i) _demand(other, many, i);
        refuses(abi.encodeWithSelector(IDocket.TooManyOpen.selector, other.id));
        _demand(other, many, 16);
        demands.answerSkipped(other.terms, many, 3, Trees.path(leaves, 3));
        _demand(other, many, 16);
    }

    // ── answer ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_answer() public {
        for (uint32 i; i < RESULTS; ++i) {
            _demand(deal, claim, i);
            uint256 before = _free(provider.addr);
            bytes32 result = _hash(_result(_ticket(deal, i)));
            vm.expectEmit(address(demands));
            emit IDemands.LeafShown(deal.id, i, result, stranger.addr);
            _answer(i);
            same(_free(provider.addr), before + deal.terms.claimFee, "the provider earns the fee");
            _checkDemand(i, tasker.addr, uint40(block.timestamp + deal.terms.window / 4), false);
        }
        same(leases.leaseOf(deal.id).demands, 0, "none is open");
        _checkSolvent();
    }

    function test_answerJob() public {
        Deal memory job = _openJob();
        Claim memory ofJob = _claim(job);
        _demand(job, ofJob, 0);
        Evidence memory evidence = _evidence(job, 0);
        demands.answer(job.terms, ofJob, evidence, _receipt(store, evidence), new Sibling[](0));
    }

    function test_answerSkipped() public {
        _demand(deal, claim, 3);
        vm.expectEmit(address(demands));
        emit IDemands.LeafShown(deal.id, 3, 0, stranger.addr);
        vm.prank(stranger.addr);
        demands.answerSkipped(deal.terms, claim, 3, Trees.path(_leaves(deal), 3));
    }

    function test_skippedIsNotTrue() public {
        _demand(deal, claim, 2);
        Sibling[] memory path = Trees.path(_leaves(deal), 2);
        refuses(abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 2));
        demands.answerSkipped(deal.terms, claim, 2, path);
    }

    function test_answerTwice() public {
        _demand(deal, claim, 0);
        _answer(0);
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, bytes32(0)));
        _answer(0);
    }

    function test_answerUnasked() public {
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, bytes32(uint256(1))));
        _answer(1);
    }

    function test_answerLate() public {
        _demand(deal, claim, 0);
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.warp(until);
        refuses(abi.encodeWithSelector(IDemands.AnswerTooLate.selector, deal.id, bytes32(0), until));
        _answer(0);
        vm.warp(until - 1);
        _answer(0);
    }

    function test_answerElsewhere() public {
        _demand(deal, claim, 0);
        Evidence memory evidence = _evidence(deal, 0);
        _refused(evidence, 1, abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 0));
    }

    /// @dev Paths of another length would let one index name two leaves.
    function test_answerByAnotherDepth() public {
        _demand(deal, claim, 0);
        Evidence memory evidence = _evidence(deal, 0);
        Receipt memory receipt = _receipt(store, evidence);
        for (uint256 depth; depth < 4; ++depth) {
            if (depth == 2) continue;
            refuses(abi.encodeWithSelector(IPapers.NotInTheClaim.selector, deal.id, 0));
            demands.answer(deal.terms, claim, evidence, receipt, new Sibling[](depth));
        }
    }

    function test_answerAnotherClaim() public {
        _demand(deal, claim, 0);
        claim.count += 1;
        _refused(_evidence(deal, 0), 0, abi.encodeWithSelector(IPapers.NotTheClaim.selector, deal.id));
    }

    /// @dev Invented work: nobody signed the ticket.
    function test_answerUnsignedTicket() public {
        _demand(deal, claim, 0);
        Evidence memory evidence = _evidence(deal, 0);
        evidence.ticketSignature = evidence.resultSignature;
        Receipt memory receipt = _receipt(store, evidence);
        Sibling[] memory path = Trees.path(_leaves(deal), 0);
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        demands.answer(deal.terms, claim, evidence, receipt, path);
    }

    function test_answerMoreFuelThanTheJobAllows() public {
        Deal memory other = _open();
        Evidence memory evidence = _evidence(other, 0);
        evidence.result.fuelUsed = evidence.ticket.job.fuel + 1;
        evidence.resultSignature = _sign(providerKey, _hash(evidence.result));
        Sibling[] memory leaves = new Sibling[](1);
        leaves[0] = Trees.leaf(_hash(evidence.result), _earned(other, evidence.result.fuelUsed));
        Claim memory what = Trees.claim(leaves);
        vm.prank(provider.addr);
        leases.claim(other.terms, what);
        _demand(other, what, 0);
        Receipt memory receipt = _receipt(store, evidence);
        refuses(abi.encodeWithSelector(IPapers.WrongEvidence.selector, other.id));
        demands.answer(other.terms, what, evidence, receipt, new Sibling[](0));
    }

    // ── lapse ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_lapse() public {
        _demand(deal, claim, 0);
        vm.warp(block.timestamp + deal.terms.window / 4);
        uint256 collateral = deal.terms.collateral;
        uint256 toTasker = collateral * 7_000 / 10_000;
        vm.expectEmit(address(demands));
        emit IDemands.LeafLapsed(deal.id, 0, false);
        vm.expectEmit(address(leases));
        emit ILeases.Slashed(
            deal.id,
            Guilt.LeafNotShown,
            tasker.addr,
            0,
            toTasker,
            collateral / 10,
            collateral - toTasker - collateral / 10
        );
        vm.prank(stranger.addr);
        demands.lapse(deal.terms, deal.scheme, 0);
        _checkStatus(deal, LeaseStatus.Slashed);
        same(_free(tasker.addr), FUNDS + toTasker + collateral / 10, "fee, lock and both shares");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_lapseEarly() public {
        _demand(deal, claim, 0);
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.warp(until - 1);
        refuses(abi.encodeWithSelector(IDemands.NotLapsedYet.selector, deal.id, bytes32(0), until));
        demands.lapse(deal.terms, deal.scheme, 0);
    }

    function test_lapseOfNothing() public {
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, bytes32(0)));
        demands.lapse(deal.terms, deal.scheme, 0);
        _demand(deal, claim, 0);
        _answer(0);
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, bytes32(0)));
        demands.lapse(deal.terms, deal.scheme, 0);
    }

    function test_lapseWithAnotherScheme() public {
        _demand(deal, claim, 0);
        vm.warp(block.timestamp + deal.terms.window / 4);
        Scheme memory other = deal.scheme;
        other.winnerShare = 0;
        refuses(abi.encodeWithSelector(IPapers.NotTheScheme.selector, _leaf(other), deal.terms.scheme));
        demands.lapse(deal.terms, other, 0);
    }

    function test_lapseMoot() public {
        _demand(deal, claim, 0);
        _demand(deal, claim, 1);
        _equivocate(deal);
        vm.expectEmit(address(demands));
        emit IDemands.LeafLapsed(deal.id, 0, true);
        demands.lapse(deal.terms, deal.scheme, 0);
        demands.lapse(deal.terms, deal.scheme, 1);
        _checkNothingLocked();
        _checkSolvent();
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _answer(uint32 index) private {
        Evidence memory evidence = _evidence(deal, index);
        Receipt memory receipt = _receipt(store, evidence);
        Sibling[] memory path = Trees.path(_leaves(deal), index);
        vm.prank(stranger.addr);
        demands.answer(deal.terms, claim, evidence, receipt, path);
    }

    function _refused(Evidence memory evidence, uint256 pathOf, bytes memory reason) private {
        Receipt memory receipt = _receipt(store, evidence);
        Sibling[] memory path = Trees.path(_leaves(deal), pathOf);
        refuses(reason);
        demands.answer(deal.terms, claim, evidence, receipt, path);
    }

    function _checkDemand(uint32 index, address asker, uint40 until, bool isOpen) private view {
        (address by, uint40 date, bool open) = demands.demandOf(deal.id, index);
        same(by, asker, "asker");
        same(date, until, "until");
        holds(open == isOpen, "open");
    }
}
