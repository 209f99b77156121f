// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDisputes, Outcome} from "../../interfaces/IDisputes.sol";
import {Guilt, ILeases} from "../../interfaces/ILeases.sol";
import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Ask} from "../../types/Ask.sol";
import {Bid} from "../../types/Bid.sol";
import {Evidence} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Match} from "../../types/Match.sol";
import {Deal} from "../harness/Deals.sol";
import {Duel, Proofs} from "../harness/Proofs.sol";
import {Stories, Story} from "../harness/Stories.sol";

/// What a game of proof comes to, through the market's own disputes
/// ├── open: a bond under the leaf's fee opens no lease, though nobody gets the fee
/// ├── guilty, by a signed result or a claim's leaf: tasker and winner have their shares, the rest burns, no arbiter
/// ├── guilty by the provider's silence; clean by the challenger's
/// ├── clean: the provider has four fifths of the bond, the rest burns, and the lease goes on
/// ├── given another game's guilty verdict: moot whatever was ruled, the bond comes back whole
/// ├── given ten at once: each has its own game and its own bond
/// ├── given one lost on purpose: the next challenger of the same result wins all the same
/// ├── given ruleBy: the scheme is not heard, the case ends as if nobody had ruled
/// └── given the tasker's close over its own game: moot, unless it was ruled before
contract ProofVerdictsTest is Proofs {
    using Stories for Story;

    uint256 private constant STEPS = 1_000_000;

    Deal private deal;
    Story private honest = Stories.truth(STEPS);
    Story private lie = Stories.lying(STEPS, 123_456, 2);

    function setUp() public override {
        super.setUp();
        deal = _open();
    }

    // ── guilty ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_guilty() public {
        Duel memory duel = _contest(deal, _told(deal, 1, lie), challenger.addr);
        _playOut(duel, lie, honest);
        _checkRuled(duel, Verdict.Guilty);
        _settlesGuilty(duel);
    }

    function test_guiltyByLeaf() public {
        Duel memory duel = _contestLeaf(deal, _told(deal, 0, lie), challenger.addr);
        _playOut(duel, lie, honest);
        _settlesGuilty(duel);
    }

    function test_guiltyBySilence() public {
        Duel memory duel = _contest(deal, _told(deal, 1, honest), challenger.addr);
        vm.warp(_deadline(duel));
        _timeOut(duel, stranger.addr);
        _settlesGuilty(duel);
    }

    function test_guiltyAtTheLastStep() public {
        lie.lieFrom = STEPS - 1;
        Duel memory duel = _contest(deal, _told(deal, 1, lie), challenger.addr);
        _playOut(duel, lie, honest);
        _checkRuled(duel, Verdict.Guilty);
    }

    /// @dev Right by chance is not shown: its result is true, its run is not.
    function test_guiltyByAnotherRun() public {
        Story memory other = Story(STEPS, STEPS - 77, 5, 0, 0);
        Duel memory duel = _contest(deal, _told(deal, 1, other), challenger.addr);
        same(duel.dispute.result, _hash(_told(deal, 1, honest).result), "a true result");
        _playOut(duel, other, honest);
        _checkRuled(duel, Verdict.Guilty);
    }

    // ── clean ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_clean() public {
        Duel memory duel = _contest(deal, _told(deal, 1, honest), challenger.addr);
        _playOut(duel, honest, lie);
        _checkRuled(duel, Verdict.Clean);
        _settlesClean(duel);
        _checkStatus(deal, LeaseStatus.Open);
        same(_locked(provider.addr), deal.terms.collateral, "collateral");
    }

    function test_cleanBySilence() public {
        Duel memory duel = _contest(deal, _told(deal, 1, honest), challenger.addr);
        _defend(duel, honest);
        vm.warp(_deadline(duel));
        _timeOut(duel, provider.addr);
        _settlesClean(duel);
    }

    // ── many ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_othersAreMoot() public {
        Evidence memory evidence = _told(deal, 1, lie);
        Duel memory first = _contest(deal, evidence, stranger.addr);
        Duel memory second = _contest(deal, evidence, taskerKey.addr);
        Duel memory third = _contest(deal, evidence, challenger.addr);
        // One is ruled Clean, one goes on, one is guilty and settled.
        _defend(first, lie);
        vm.warp(_deadline(first));
        _timeOut(first, provider.addr);
        _checkRuled(first, Verdict.Clean);
        _defend(second, lie);
        _playOut(third, lie, honest);
        disputes.settle(deal.terms, deal.scheme, third.dispute);
        uint256 sink = escrow.sink(address(token));

        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(first.caseId, deal.id, Outcome.Moot);
        disputes.settle(deal.terms, deal.scheme, first.dispute);
        disputes.settle(deal.terms, deal.scheme, second.dispute);
        same(_free(stranger.addr), FUNDS, "the bond of one who lost");
        same(_free(taskerKey.addr), FUNDS, "and of one who plays yet");
        same(escrow.sink(address(token)), sink, "nothing burns");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_tenAtOnce() public {
        Evidence memory evidence = _told(deal, 1, lie);
        Duel[] memory duels = new Duel[](10);
        uint256 bonds;
        for (uint256 i; i < 10; ++i) {
            duels[i] = _contest(deal, evidence, i % 2 == 0 ? challenger.addr : stranger.addr);
            vm.warp(block.timestamp + 1);
            same(duels[i].dispute.bond, deal.terms.bond * (i + 1), "each bond is one more");
            bonds += duels[i].dispute.bond;
        }
        same(_locked(challenger.addr) + _locked(stranger.addr), bonds, "bonds");
        // Nine know nothing and say so by silence; the last one knows.
        for (uint256 i; i < 10; ++i) _defend(duels[i], lie);
        while (_answer(duels[9], duels[9].turn == 0 ? lie : honest)) {}
        vm.warp(_deadline(duels[9]));
        if (!_isOver(duels[9])) _timeOut(duels[9], stranger.addr);
        _checkRuled(duels[9], Verdict.Guilty);
        for (uint256 i; i < 9; ++i) {
            vm.warp(_deadline(duels[i]) > block.timestamp ? _deadline(duels[i]) : block.timestamp);
            _timeOut(duels[i], provider.addr);
            disputes.settle(deal.terms, deal.scheme, duels[i].dispute);
        }
        disputes.settle(deal.terms, deal.scheme, duels[9].dispute);
        _checkStatus(deal, LeaseStatus.Slashed);
        _checkNothingLocked();
        _checkSolvent();
    }

    /// @dev All ten against a provider that told the truth: it has the time, and their bonds.
    function test_tenInVain() public {
        Evidence memory evidence = _told(deal, 1, honest);
        Duel[] memory duels = new Duel[](10);
        uint256 toProvider;
        for (uint256 i; i < 10; ++i) {
            duels[i] = _contest(deal, evidence, i % 2 == 0 ? challenger.addr : stranger.addr);
        }
        for (uint256 i; i < 10; ++i) _playOut(duels[i], honest, lie);
        for (uint256 i; i < 10; ++i) {
            _checkRuled(duels[i], Verdict.Clean);
            disputes.settle(deal.terms, deal.scheme, duels[i].dispute);
            toProvider += uint256(duels[i].dispute.bond) * 8 / 10;
        }
        same(_free(provider.addr), FUNDS - deal.terms.collateral + toProvider, "four fifths of each bond");
        _checkSolvent();
    }

    function test_lostOnPurpose() public {
        Evidence memory evidence = _told(deal, 1, lie);
        Duel memory puppet = _contest(deal, evidence, stranger.addr);
        _defend(puppet, lie);
        bytes32[32] memory nonsense;
        _split(puppet, 0, nonsense);
        _answer(puppet, lie);
        vm.warp(_deadline(puppet));
        _timeOut(puppet, provider.addr);
        disputes.settle(deal.terms, deal.scheme, puppet.dispute);
        same(_free(stranger.addr), FUNDS - deal.terms.bond, "it paid its bond");

        Duel memory duel = _contest(deal, evidence, challenger.addr);
        same(duel.dispute.bond, deal.terms.bond, "no more than the first");
        _playOut(duel, lie, honest);
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        _checkStatus(deal, LeaseStatus.Slashed);
        _checkSolvent();
    }

    // ── late, closed, cheap ─────────────────────────────────────────────────────────────────────────────────────

    function test_ruleBy() public {
        Duel memory duel = _contest(deal, _told(deal, 1, lie), challenger.addr);
        vm.warp(duel.ruleBy);
        bytes memory late = abi.encodeWithSelector(IDisputes.RuledTooLate.selector, duel.caseId, duel.ruleBy);
        bytes32 contested = _contested(duel);
        refuses(late);
        proofs.timeout(_game(duel), contested, address(disputes), duel.caseId);
        disputes.timeout(deal.terms, duel.dispute);
        holds(disputes.isVoid(deal.id, 1), "the job is not paid");
        same(_free(challenger.addr), FUNDS, "the bond comes back");
        refuses(abi.encodeWithSelector(IDisputes.NoSuchCase.selector, duel.caseId));
        proofs.timeout(_game(duel), contested, address(disputes), duel.caseId);
    }

    function test_ruledASecondBefore() public {
        Duel memory duel = _contest(deal, _told(deal, 1, lie), challenger.addr);
        vm.warp(duel.ruleBy - 1);
        _timeOut(duel, stranger.addr);
        _settlesGuilty(duel);
    }

    function test_closedOverTheTaskersGame() public {
        Duel memory duel = _contest(deal, _told(deal, 1, honest), taskerKey.addr);
        _defend(duel, honest);
        leases.close(_closing(deal, 1 ether));
        vm.warp(_deadline(duel));
        _timeOut(duel, provider.addr);
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(duel.caseId, deal.id, Outcome.Moot);
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        same(_free(taskerKey.addr), FUNDS, "the bond comes back");
        _checkNothingLocked();
        _checkSolvent();
    }

    function test_closedAfterTheTaskersGame() public {
        Duel memory duel = _contest(deal, _told(deal, 1, honest), taskerKey.addr);
        _playOut(duel, honest, lie);
        vm.warp(block.timestamp + 1);
        leases.close(_closing(deal, 1 ether));
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeSettled(duel.caseId, deal.id, Outcome.Clean);
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        same(_free(taskerKey.addr), FUNDS - deal.terms.bond, "the bond does not");
        _checkSolvent();
    }

    function test_noCloseOverAStrangersGame() public {
        _contest(deal, _told(deal, 1, lie), challenger.addr);
        refuses(abi.encodeWithSelector(ILeases.ThirdPartyDispute.selector, deal.id));
        leases.close(_closing(deal, 1 ether));
    }

    function test_bondUnderTheFee() public {
        (Ask memory ask, Bid memory bid) = (_ask(), _bid());
        bid.bond = _scheme().arbiterFee - 1;
        Match memory pair = _pair(ask, bid, 0, bid.fuel);
        refuses(abi.encodeWithSelector(ILeases.BondTooSmall.selector, bid.bond, _scheme().arbiterFee));
        leases.open(pair);
    }

    // ── what must come out ──────────────────────────────────────────────────────────────────────────────────────

    function _checkRuled(Duel memory duel, Verdict expected) private view {
        (,, Verdict verdict,) = disputes.caseOf(duel.caseId);
        same(uint256(verdict), uint256(expected), "verdict");
    }

    function _settlesGuilty(Duel memory duel) private {
        uint256 collateral = deal.terms.collateral;
        (uint256 toTasker, uint256 toWinner) = (collateral * 7_000 / 10_000, collateral / 10);
        uint256 burned = collateral - toTasker - toWinner;
        vm.expectEmit(address(leases));
        emit ILeases.Slashed(deal.id, Guilt.Verdict, challenger.addr, 0, toTasker, toWinner, burned);
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        _checkStatus(deal, LeaseStatus.Slashed);
        same(_free(challenger.addr), FUNDS + toWinner, "bond and reward");
        same(_free(tasker.addr), FUNDS + toTasker, "lock and share");
        same(_free(provider.addr), FUNDS - collateral, "nothing");
        same(_free(address(0)), 0, "no arbiter");
        same(escrow.sink(address(token)), burned, "the rest");
        _checkNothingLocked();
        _checkSolvent();
    }

    function _settlesClean(Duel memory duel) private {
        uint256 bond = duel.dispute.bond;
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        same(_free(challenger.addr), FUNDS - bond, "no bond");
        same(_free(provider.addr), FUNDS - deal.terms.collateral + bond * 8 / 10, "four fifths of it");
        same(escrow.sink(address(token)), bond - bond * 8 / 10, "the rest");
        same(_free(address(0)), 0, "no arbiter");
        _checkSolvent();
    }
}
