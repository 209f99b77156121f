// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IArbiterScheme} from "../../interfaces/IArbiterScheme.sol";
import {Case, Verdict} from "../../interfaces/IDisputeScheme.sol";
import {IDisputes, Outcome} from "../../interfaces/IDisputes.sol";
import {Guilt, ILeases} from "../../interfaces/ILeases.sol";
import {IPapers} from "../../interfaces/IPapers.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Claim} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Scheme} from "../../types/Scheme.sol";
import {Deal, Deals} from "../harness/Deals.sol";

/// Disputes.rule
/// ├── when there is no such case: it reverts NoSuchCase
/// ├── when the caller is not the case's scheme: it reverts NotTheCasesScheme
/// ├── when the verdict says nothing: it reverts NoVerdict
/// ├── when it was ruled before: it reverts AlreadyRuled
/// ├── when ruleBy has come: it reverts RuledTooLate, the second before it does not
/// └── else: it is recorded and nothing moves
/// ArbiterScheme: see the branches at its tests below
/// settle
/// ├── when there is no such case, or other terms or another scheme are shown: it reverts
/// ├── given a live lease and no verdict: it reverts NotRuledYet
/// ├── given guilty: slash, bond back with a share, arbiter paid out of the collateral
/// ├── given clean: the bond pays the arbiter, the provider and the sink
/// ├── given a lease that was slashed otherwise: moot, whatever was ruled, the bond comes back whole
/// └── given a lease that was closed: see review/ClosedOver
/// timeout
/// ├── given a verdict: it reverts AlreadyRuled
/// ├── given a live lease before ruleBy: it reverts NotRuledYet
/// ├── given a live lease: the bond comes back, the job is void, once a ticket
/// └── given a lease that ended otherwise: moot, at any time
contract VerdictsTest is Deals {
    Deal private deal;
    Dispute private dispute;
    bytes32 private caseId;

    function setUp() public override {
        super.setUp();
        deal = _open();
        dispute = _challenge(deal, challenger.addr, 1);
        caseId = _idOf(dispute);
    }

    // ── rule ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_rule() public {
        vm.expectEmit(address(disputes));
        emit IDisputes.Ruled(caseId, Verdict.Guilty);
        _rule(dispute, Verdict.Guilty);
        (,, Verdict verdict, uint40 ruledAt) = disputes.caseOf(caseId);
        same(uint256(verdict), uint256(Verdict.Guilty), "recorded");
        same(ruledAt, block.timestamp, "and when");
        _checkStatus(deal, LeaseStatus.Open);
        same(_locked(challenger.addr), deal.terms.bond, "nothing moves");
    }

    function test_ruleNothing() public {
        refuses(abi.encodeWithSelector(IDisputes.NoSuchCase.selector, bytes32(0)));
        disputes.rule(bytes32(0), Verdict.Guilty);
    }

    function test_ruleByOthers() public {
        address[3] memory callers = [challenger.addr, provider.addr, arbiter.addr];
        for (uint256 i; i < callers.length; ++i) {
            refuses(
                abi.encodeWithSelector(
                    IDisputes.NotTheCasesScheme.selector, caseId, address(arbiters), callers[i]
                )
            );
            vm.prank(callers[i]);
            disputes.rule(caseId, Verdict.Guilty);
        }
    }

    function test_ruleNone() public {
        refuses(abi.encodeWithSelector(IDisputes.NoVerdict.selector, caseId));
        _rule(dispute, Verdict.None);
    }

    function test_ruleTwice() public {
        _rule(dispute, Verdict.Clean);
        refuses(abi.encodeWithSelector(IDisputes.AlreadyRuled.selector, caseId, Verdict.Clean));
        _rule(dispute, Verdict.Guilty);
    }

    function test_ruleLate() public {
        uint40 ruleBy = dispute.openedAt + deal.terms.disputeLimit;
        vm.warp(ruleBy);
        refuses(abi.encodeWithSelector(IDisputes.RuledTooLate.selector, caseId, ruleBy));
        _rule(dispute, Verdict.Guilty);
        vm.warp(ruleBy - 1);
        _rule(dispute, Verdict.Guilty);
    }

    // ── settle ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_guilty() public {
        _rule(dispute, Verdict.Guilty);
        uint256 fee = deal.scheme.arbiterFee;
        uint256 rest = deal.terms.collateral - fee;
        uint256 burned = rest - rest * 7_000 / 10_000 - rest / 10;
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(caseId, deal.id, Outcome.Guilty);
        vm.expectEmit(address(leases));
        emit ILeases.Slashed(
            deal.id, Guilt.Verdict, challenger.addr, fee, rest * 7_000 / 10_000, rest / 10, burned
        );
        _settle();
        _checkStatus(deal, LeaseStatus.Slashed);
        same(_free(challenger.addr), FUNDS + rest / 10, "bond and share");
        same(_free(tasker.addr), FUNDS + rest * 7_000 / 10_000, "lock and share");
        same(_free(arbiter.addr), fee, "fee");
        same(_free(provider.addr), FUNDS - deal.terms.collateral, "nothing");
        same(escrow.sink(address(token)), burned, "the rest");
        _checkNothingLocked();
        _checkSolvent();
    }

    /// @dev A leaf whose shares are over their bounds slashes all the same, by the bounds.
    function test_guiltyByACarelessLeaf() public {
        Scheme memory careless = _scheme();
        (careless.taskerShare, careless.winnerShare) = (type(uint16).max, 9_000);
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        (ask.schemes, bid.scheme) = (_leaf(careless), _leaf(careless));
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        (pair.scheme, pair.schemeProof) = (careless, new bytes32[](0));
        Deal memory other = _open(pair);
        Dispute memory contested = _challenge(other, stranger.addr, 0);
        _rule(contested, Verdict.Guilty);
        disputes.settle(other.terms, careless, contested);
        uint256 rest = other.terms.collateral - careless.arbiterFee;
        same(_free(stranger.addr), FUNDS + rest * 1_000 / 10_000, "a tenth to the winner");
        uint256 toTasker = rest * 7_000 / 10_000;
        same(_free(tasker.addr), FUNDS - _lockOf(deal.terms) + toTasker, "seven tenths to the tasker");
        same(escrow.sink(address(token)), rest - rest / 10 - toTasker, "the fifth burns");
        _checkSolvent();
    }

    /// @dev What vouchers paid stays paid; the collateral goes whole.
    function test_guiltyAfterAVoucher() public {
        leases.redeem(deal.terms, 1 ether, _voucher(deal, 1 ether));
        _rule(dispute, Verdict.Guilty);
        _settle();
        uint256 rest = deal.terms.collateral - deal.scheme.arbiterFee;
        same(_free(tasker.addr), FUNDS - 1.005 ether + rest * 7_000 / 10_000, "tasker");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_guiltyDropsTheClaim() public {
        _claim(deal);
        _rule(dispute, Verdict.Guilty);
        _settle();
        same(leases.claimOf(deal.id), bytes32(0), "no claim stays");
        _checkNothingLocked();
    }

    function test_clean() public {
        _rule(dispute, Verdict.Clean);
        uint256 fee = deal.scheme.arbiterFee;
        uint256 toProvider = (deal.terms.bond - fee) * 8_000 / 10_000;
        uint256 burned = deal.terms.bond - fee - toProvider;
        vm.expectEmit(address(leases));
        emit ILeases.BondForfeited(deal.id, challenger.addr, fee, toProvider, burned);
        _settle();
        _checkStatus(deal, LeaseStatus.Open);
        same(_free(challenger.addr), FUNDS - deal.terms.bond, "lost");
        same(_free(arbiter.addr), fee, "fee");
        same(_free(provider.addr), FUNDS - deal.terms.collateral + toProvider, "for its trouble");
        same(escrow.sink(address(token)), burned, "burned");
        same(leases.leaseOf(deal.id).disputes, 0, "none is open");
        _checkSolvent();
    }

    /// @dev A lost challenge confirms nothing: the same result can be challenged again.
    function test_cleanConfirmsNothing() public {
        _rule(dispute, Verdict.Clean);
        _settle();
        vm.warp(block.timestamp + 1);
        dispute = _challenge(deal, stranger.addr, 1);
        _rule(dispute, Verdict.Guilty);
        _settle();
        _checkStatus(deal, LeaseStatus.Slashed);
    }

    function test_notRuled() public {
        refuses(
            abi.encodeWithSelector(
                IDisputes.NotRuledYet.selector, caseId, dispute.openedAt + deal.terms.disputeLimit
            )
        );
        _settle();
    }

    function test_settleTwice() public {
        _rule(dispute, Verdict.Clean);
        _settle();
        refuses(abi.encodeWithSelector(IDisputes.NoSuchCase.selector, caseId));
        _settle();
    }

    function test_settleAnother() public {
        dispute.bond += 1;
        refuses(abi.encodeWithSelector(IDisputes.NoSuchCase.selector, _idOf(dispute)));
        _settle();
    }

    function test_settleWithOtherTerms() public {
        _rule(dispute, Verdict.Guilty);
        Deal memory other = _open();
        refuses(abi.encodeWithSelector(IPapers.WrongEvidence.selector, deal.id));
        disputes.settle(other.terms, deal.scheme, dispute);
    }

    function test_settleWithAnotherScheme() public {
        _rule(dispute, Verdict.Guilty);
        deal.scheme.taskerShare = 9_000;
        vm.expectPartialRevert(IPapers.NotTheScheme.selector);
        _settle();
    }

    /// @dev The first guilty verdict makes the others moot, even those that were lost.
    function test_moot() public {
        Dispute memory lost = _challenge(deal, stranger.addr, 2);
        _rule(lost, Verdict.Clean);
        Dispute memory silent = _challenge(deal, stranger.addr, 0);
        _rule(dispute, Verdict.Guilty);
        _settle();

        same(_locked(stranger.addr), uint256(lost.bond) + silent.bond, "still locked");
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(_idOf(lost), deal.id, Outcome.Moot);
        disputes.settle(deal.terms, deal.scheme, lost);
        disputes.settle(deal.terms, deal.scheme, silent);
        same(_free(stranger.addr), FUNDS, "both back whole");
        _checkNothingLocked();
        _checkSolvent();
    }

    // ── timeout ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_timeout() public {
        Claim memory claim = _claim(deal);
        uint96 owed = leases.leaseOf(deal.id).owed;
        vm.warp(dispute.openedAt + deal.terms.disputeLimit);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(caseId, deal.id, Outcome.TimedOut);
        vm.expectEmit(address(leases));
        emit ILeases.Voided(deal.id, dispute.amount);
        vm.prank(stranger.addr);
        disputes.timeout(deal.terms, dispute);

        holds(disputes.isVoid(deal.id, 1) && !disputes.isVoid(deal.id, 0), "that job is void");
        same(leases.leaseOf(deal.id).owed, owed - dispute.amount, "not paid");
        same(leases.claimOf(deal.id), keccak256(abi.encode(claim)), "the claim stands");
        same(_free(challenger.addr), FUNDS, "bond back");
        same(_locked(provider.addr), deal.terms.collateral, "collateral untouched");
        same(_free(arbiter.addr), 0, "no fee");
        _checkSolvent();
    }

    function test_timeoutEarly() public {
        uint40 ruleBy = dispute.openedAt + deal.terms.disputeLimit;
        vm.warp(ruleBy - 1);
        refuses(abi.encodeWithSelector(IDisputes.NotRuledYet.selector, caseId, ruleBy));
        disputes.timeout(deal.terms, dispute);
    }

    function test_timeoutOfARuledCase() public {
        _rule(dispute, Verdict.Clean);
        vm.warp(dispute.openedAt + deal.terms.disputeLimit);
        refuses(abi.encodeWithSelector(IDisputes.AlreadyRuled.selector, caseId, Verdict.Clean));
        disputes.timeout(deal.terms, dispute);
        _settle();
    }

    /// @dev Three disputes over one ticket take its pay off once.
    function test_voidOnce() public {
        Dispute memory second = _challenge(deal, stranger.addr, 1);
        vm.warp(dispute.openedAt + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(_idOf(second), deal.id, Outcome.TimedOut);
        disputes.timeout(deal.terms, second);
        same(leases.leaseOf(deal.id).owed, dispute.amount, "once");
        same(_free(stranger.addr), FUNDS, "bond back");
    }

    function test_timeoutMoot() public {
        _equivocate(deal);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(caseId, deal.id, Outcome.Moot);
        disputes.timeout(deal.terms, dispute);
        holds(!disputes.isVoid(deal.id, 1), "nothing to void");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_timeoutTwice() public {
        vm.warp(dispute.openedAt + deal.terms.disputeLimit);
        disputes.timeout(deal.terms, dispute);
        refuses(abi.encodeWithSelector(IDisputes.NoSuchCase.selector, caseId));
        disputes.timeout(deal.terms, dispute);
    }

    function _settle() private {
        vm.prank(stranger.addr);
        disputes.settle(deal.terms, deal.scheme, dispute);
    }
}
