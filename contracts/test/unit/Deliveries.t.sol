// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDemands} from "../../interfaces/IDemands.sol";
import {ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Ticket} from "../../types/Documents.sol";
import {Evidence, Receipt} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal, Deals} from "../harness/Deals.sol";
import {Party} from "../harness/Market.sol";

/// demandAccepted
/// ├── when the ticket is another lease's, or either key did not sign: it reverts
/// ├── when the caller is not the tasker or its key: it reverts NotTheTasker
/// ├── when the ticket is not due, or the window's first half is over: it reverts OutsideDemandTime
/// ├── given a lease that was declined before the ticket was due: it can be asked for from then on
/// ├── when it was demanded before: it reverts AlreadyDemanded
/// └── else: it locks the fee
/// answerAccepted
/// ├── when the receipt is of nobody who counts, or of another output: it reverts NotDelivered
/// ├── when the bytes are not the output, or over 8 KiB: it reverts NotDelivered
/// ├── when the terms waive delivery: no receipt is asked for
/// ├── when it was not demanded, or is late: it reverts NoSuchDemand, AnswerTooLate
/// └── else: the provider earns the fee, and bytes that were shown are in the log
/// lapseAccepted
/// ├── when it can still be answered: it reverts NotLapsedYet
/// ├── given a live lease: the late fee goes from the collateral to the tasker, at most all of it, and the lease lives on
/// └── given a lease that ended otherwise: the fee comes back
contract DeliveriesTest is Deals {
    Deal private deal;
    Ticket private ticket;
    bytes32 private what;

    function setUp() public override {
        super.setUp();
        _use(_open());
    }

    // ── demandAccepted ──────────────────────────────────────────────────────────────────────────────────────────

    function test_demand() public {
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.expectEmit(address(demands));
        emit IDemands.DeliveryDemanded(deal.id, what, 5, tasker.addr, until);
        _ask(tasker);
        (address asker, uint40 date, bool open) = demands.deliveryDemandOf(deal.id, what);
        same(asker, tasker.addr, "asker");
        same(date, until, "until");
        holds(open, "open");
        same(_locked(tasker.addr), _lockOf(deal.terms) + deal.terms.claimFee, "the fee is locked");
    }

    function test_byOthers() public {
        refuses(abi.encodeWithSelector(IDemands.NotTheTasker.selector, deal.id, provider.addr));
        _ask(provider);
        _ask(taskerKey);
    }

    function test_notSigned() public {
        bytes memory tickets = _sign(taskerKey, what);
        bytes memory acceptance = _acceptance(ticket);
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        demands.demandAccepted(deal.terms, ticket, acceptance, acceptance);
        vm.expectPartialRevert(IPapers.BadSignature.selector);
        demands.demandAccepted(deal.terms, ticket, tickets, tickets);
    }

    function test_ofAnotherLease() public {
        Deal memory other = _open();
        ticket = _ticket(other, 0);
        refuses(abi.encodeWithSelector(IPapers.WrongEvidence.selector, deal.id));
        demands.demandAccepted(deal.terms, ticket, "", "");
    }

    function test_due() public {
        uint256 last = _claimBy(deal) + deal.terms.window * 5 / 8;
        vm.warp(ticket.job.deadline - 1);
        bytes memory reason =
            abi.encodeWithSelector(IDemands.OutsideDemandTime.selector, deal.id, ticket.job.deadline, last);
        refuses(reason);
        _ask(tasker);
        vm.warp(last);
        refuses(reason);
        _ask(tasker);
        vm.warp(last - 1);
        _ask(tasker);
    }

    /// @dev A job lease's ticket is due with the lease, whatever its job says.
    function test_dueJob() public {
        vm.warp(START);
        Bid memory bid = _jobBid();
        bid.attemptTime = 3 hours;
        deal = _open(_pair(_ask(), bid, 0, bid.fuel));
        (ticket, what) = (_ticket(deal, 0), _hash(_ticket(deal, 0)));
        vm.warp(deal.terms.end - 1);
        vm.expectPartialRevert(IDemands.OutsideDemandTime.selector);
        _ask(tasker);
        vm.warp(deal.terms.end);
        _ask(tasker);
    }

    function test_declinedBeforeItWasDue() public {
        vm.warp(ticket.job.deadline - 100);
        vm.expectPartialRevert(IDemands.OutsideDemandTime.selector);
        _ask(tasker);
        _decline(deal);
        _ask(tasker);
    }

    function test_twice() public {
        _ask(tasker);
        refuses(abi.encodeWithSelector(IDemands.AlreadyDemanded.selector, deal.id, what));
        _ask(tasker);
    }

    function test_neverOpened() public {
        deal = _reach(LeaseStatus.None, false);
        (ticket, what) = (_ticket(deal, 0), _hash(_ticket(deal, 0)));
        refuses(abi.encodeWithSelector(IPapers.NoSuchLease.selector, deal.id));
        _ask(tasker);
    }

    // ── answerAccepted ──────────────────────────────────────────────────────────────────────────────────────────

    function test_storesReceipt() public {
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        vm.expectEmit(address(demands));
        emit IDemands.DeliveryShown(deal.id, what, _hash(evidence.result), stranger.addr);
        _answer(evidence, _receipt(store, evidence));
        same(_free(provider.addr), FUNDS - deal.terms.collateral + deal.terms.claimFee, "the provider earns the fee");
        same(_locked(provider.addr), deal.terms.collateral, "collateral untouched");
        _checkSolvent();
    }

    function test_taskersReceipt() public {
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        _answer(evidence, _receipt(taskerKey, evidence));
    }

    function test_output() public {
        _ask(tasker);
        Receipt memory receipt;
        receipt.output = OUTPUT;
        vm.expectEmit(address(demands));
        emit IDemands.OutputShown(deal.id, what, OUTPUT);
        _answer(_evidence(deal, 5), receipt);
    }

    function test_wrongReceipts() public {
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        Receipt memory receipt;
        _refused(evidence, receipt);
        receipt.output = "another output";
        _refused(evidence, receipt);
        _refused(evidence, _receipt(provider, evidence));
        _refused(evidence, _receipt(tasker, evidence));
        receipt = _receipt(store, _evidence(deal, 4));
        _refused(evidence, receipt);
        receipt.signature = new bytes(65);
        _refused(evidence, receipt);
    }

    /// @dev Without a store, what is recovered from a broken receipt is nobody, and nobody is no store.
    function test_noStore() public {
        Bid memory bid = _bid();
        bid.store = address(0);
        _use(_open(_pair(_ask(), bid, 0, bid.fuel)));
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        Receipt memory receipt;
        receipt.signature = new bytes(65);
        _refused(evidence, receipt);
        _refused(evidence, _receipt(store, evidence));
        _answer(evidence, _receipt(taskerKey, evidence));
    }

    function test_waived() public {
        Bid memory bid = _bid();
        bid.store = address(1);
        _use(_open(_pair(_ask(), bid, 0, bid.fuel)));
        _ask(tasker);
        Receipt memory nothing;
        _answer(_evidence(deal, 5), nothing);
    }

    function test_mostBytes() public {
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        Receipt memory receipt;
        receipt.output = new bytes(8193);
        evidence.result.output = _commitToZeros(8193);
        evidence.resultSignature = _sign(providerKey, _hash(evidence.result));
        _refused(evidence, receipt);

        receipt.output = new bytes(8192);
        evidence.result.output = _commitToZeros(8192);
        evidence.resultSignature = _sign(providerKey, _hash(evidence.result));
        _answer(evidence, receipt);
    }

    function test_unasked() public {
        Evidence memory evidence = _evidence(deal, 5);
        Receipt memory receipt = _receipt(store, evidence);
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, what));
        _answer(evidence, receipt);
    }

    function test_late() public {
        _ask(tasker);
        Evidence memory evidence = _evidence(deal, 5);
        Receipt memory receipt = _receipt(store, evidence);
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.warp(until);
        refuses(abi.encodeWithSelector(IDemands.AnswerTooLate.selector, deal.id, what, until));
        _answer(evidence, receipt);
        vm.warp(until - 1);
        _answer(evidence, receipt);
    }

    // ── lapseAccepted ───────────────────────────────────────────────────────────────────────────────────────────

    function test_lapse() public {
        _ask(tasker);
        _lapses(deal.terms.lateFee);
        _checkStatus(deal, LeaseStatus.Open);
        same(leases.leaseOf(deal.id).demands, 0, "none is open");
        same(_free(tasker.addr), FUNDS - _lockOf(deal.terms) + deal.terms.lateFee, "the fee is the tasker's");
        same(_locked(provider.addr), deal.terms.collateral - deal.terms.lateFee, "off the collateral");
        _checkSolvent();

        vm.warp(_claimBy(deal) + deal.terms.window);
        leases.finalise(deal.terms);
        _checkNothingLocked();
        same(_free(provider.addr), FUNDS - deal.terms.lateFee, "the rest comes back");
    }

    /// @dev Late fees take half of the collateral at most, then nothing.
    function test_lapseUntilHalfIsLeft() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        ask.lateFee = 15 ether;
        Deal memory other = _open(_pair(ask, bid, 0, bid.fuel));
        uint256 collateral = other.terms.collateral;
        uint256 ofTheFirst = deal.terms.collateral;
        uint256[4] memory fees = [uint256(15 ether), collateral / 2 - 15 ether, 0, 0];
        for (uint32 i; i < 4; ++i) {
            (deal, ticket, what) = (other, _ticket(other, i), _hash(_ticket(other, i)));
            _ask(tasker);
            _lapses(fees[i]);
        }
        same(_locked(provider.addr), ofTheFirst + collateral - collateral / 2, "half is left");
        _equivocate(other);
        _checkSolvent();
    }

    function test_lapseEarly() public {
        _ask(tasker);
        uint40 until = uint40(block.timestamp + deal.terms.window / 4);
        vm.warp(until - 1);
        refuses(abi.encodeWithSelector(IDemands.NotLapsedYet.selector, deal.id, what, until));
        demands.lapseAccepted(deal.terms, what);
    }

    function test_lapseOfNothing() public {
        refuses(abi.encodeWithSelector(IDemands.NoSuchDemand.selector, deal.id, what));
        demands.lapseAccepted(deal.terms, what);
    }

    function test_lapseMoot() public {
        _ask(tasker);
        leases.close(_closing(deal, 0));
        vm.expectEmit(address(demands));
        emit IDemands.DeliveryLapsed(deal.id, what, true);
        demands.lapseAccepted(deal.terms, what);
        same(_free(tasker.addr), FUNDS, "the fee is back");
        _checkNothingLocked();
        _checkSolvent();
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Works on the ticket 5 of this lease, at the time when it is due.
    function _use(Deal memory which) private {
        (deal, ticket, what) = (which, _ticket(which, 5), _hash(_ticket(which, 5)));
        vm.warp(ticket.job.deadline);
    }

    function _ask(Party memory by) private {
        bytes memory tickets = deal.terms.job == 0 ? _sign(taskerKey, what) : bytes("");
        bytes memory acceptance = _acceptance(ticket);
        vm.prank(by.addr);
        demands.demandAccepted(deal.terms, ticket, tickets, acceptance);
    }

    function _answer(Evidence memory evidence, Receipt memory receipt) private {
        vm.prank(stranger.addr);
        demands.answerAccepted(deal.terms, evidence, receipt);
    }

    function _refused(Evidence memory evidence, Receipt memory receipt) private {
        refuses(abi.encodeWithSelector(IDemands.NotDelivered.selector, deal.id, evidence.result.output));
        demands.answerAccepted(deal.terms, evidence, receipt);
    }

    function _lapses(uint256 fee) private {
        vm.warp(block.timestamp + deal.terms.window / 4);
        vm.expectEmit(address(demands));
        emit IDemands.DeliveryLapsed(deal.id, what, false);
        vm.expectEmit(address(leases));
        emit ILeases.LateFeePaid(deal.id, fee);
        vm.prank(stranger.addr);
        demands.lapseAccepted(deal.terms, what);
    }

    /// @dev Of zeros the tree's root is zero: a node over two zero words is zero.
    function _commitToZeros(uint256 length) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("millrace.data.v1"), length, bytes32(0)));
    }
}
