// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Case, IVerdictReceiver, Verdict} from "../../interfaces/IDisputeScheme.sol";
import {IDisputes} from "../../interfaces/IDisputes.sol";
import {IProofScheme} from "../../interfaces/IProofScheme.sol";
import {Computation} from "../../schemes/proof/Computation.sol";
import {Game} from "../../schemes/proof/Game.sol";
import {Side} from "../../schemes/proof/GameState.sol";
import {Section} from "../../schemes/proof/Section.sol";
import {Evidence} from "../../types/Evidence.sol";
import {Deal} from "../harness/Deals.sol";
import {Duel, Proofs} from "../harness/Proofs.sol";
import {Stories, Story} from "../harness/Stories.sol";

/// Moves of proof games opened by disputes; the branches of each call by itself are in proof.test.ts
/// ├── a move in the last second of its clock goes through, a second later it does not: each kind of move, each side
/// ├── a time-out a second early does not; a proof counts as long as nobody has ended the game,
/// │   and before ruleBy
/// ├── the clock that a move leaves is what was left and an extension, the other side's stays
/// ├── the provider's key moves for it, and no other key for anybody
/// ├── a move that a stranger copies, that comes twice or out of order reverts, and costs its side nothing
/// ├── a proof that a stranger copies pays the challenger all the same
/// └── a receiver that reverts leaves the game as it is; one that calls back finds it over
contract ProofGamesTest is Proofs, IVerdictReceiver {
    using Stories for Story;

    uint256 private constant STEPS = 1_000_000;

    Deal private deal;
    Story private honest = Stories.truth(STEPS);
    Story private lie = Stories.lying(STEPS, 123_456, 3);
    Evidence private evidence;

    // As a receiver.
    bool private deaf;
    bytes private echo;
    uint256 private heard;

    function setUp() public override {
        super.setUp();
        deal = _open();
        evidence = _told(deal, 1, lie);
    }

    // ── clocks ──────────────────────────────────────────────────────────────────────────────────────────────────

    function test_defendInTime() public {
        Duel memory duel = _contest(deal, evidence, challenger.addr);
        uint256 deadline = _deadline(duel);
        same(deadline, block.timestamp + uint256(deal.terms.disputeLimit) * 40 / 64, "forty parts of the time");
        vm.warp(deadline);
        Game memory game = _game(duel);
        refuses(abi.encodeWithSelector(IProofScheme.TimeIsUp.selector, game.id, deadline));
        vm.prank(provider.addr);
        proofs.defend(game, lie.defence(3));
        vm.warp(deadline - 1);
        _earlyTimeOut(duel);
        _defend(duel, lie);
        same(duel.clocks[0], 1 + duel.extension, "a second and an extension");
        same(duel.clocks[1], uint256(deal.terms.disputeLimit) * 10 / 64, "the other's stays");
    }

    /// @dev Down to single steps, every move of both in the last second of its clock, tried a second late before.
    function test_splitsInTime() public {
        Duel memory duel = _contest(deal, evidence, challenger.addr);
        _defend(duel, lie);
        uint256 splits;
        while (duel.level != 0) {
            Story memory story = duel.turn == 0 ? lie : honest;
            uint256 deadline = _deadline(duel);
            (, uint256 index) = _firstWrong(duel, story);
            bytes32[32] memory ends = story.split(duel.firstStep + index * 32 ** duel.level, duel.level - 1);
            (Game memory game, Section memory section) = (_game(duel), _section(duel, index));
            vm.warp(deadline);
            refuses(abi.encodeWithSelector(IProofScheme.TimeIsUp.selector, game.id, deadline));
            vm.prank(_mover(duel));
            proofs.split(game, section, ends);
            vm.warp(deadline - 1);
            _earlyTimeOut(duel);
            _split(duel, index, ends);
            ++splits;
        }
        same(splits, 3, "both sides moved");
        vm.warp(_deadline(duel));
        _timeOut(duel, stranger.addr);
        atMost(block.timestamp, duel.ruleBy - uint256(deal.terms.disputeLimit) * 6 / 64, "and time is left to end it");
    }

    function test_proofAfterTheClock() public {
        Duel memory duel = _atSingleSteps();
        (, uint256 index) = _firstWrong(duel, honest);
        bytes memory witness = honest.witness(duel.firstStep + index);
        vm.warp(duel.ruleBy);
        (Game memory game, Section memory section) = (_game(duel), _section(duel, index));
        refuses(abi.encodeWithSelector(IDisputes.RuledTooLate.selector, duel.caseId, duel.ruleBy));
        proofs.prove(game, section, address(disputes), duel.caseId, witness);
        vm.warp(duel.ruleBy - 1);
        _prove(duel, index, witness, stranger.addr);
        _checkRuled(duel, Verdict.Guilty);
    }

    function test_noProofAfterTheTimeOut() public {
        Duel memory duel = _atSingleSteps();
        (, uint256 index) = _firstWrong(duel, honest);
        vm.warp(_deadline(duel));
        _timeOut(duel, provider.addr);
        Game memory game = _game(duel);
        Section memory section = _section(duel, index);
        bytes memory witness = honest.witness(duel.firstStep + index);
        refuses(abi.encodeWithSelector(IProofScheme.NotTheGame.selector, game.id));
        proofs.prove(game, section, address(disputes), duel.caseId, witness);
        _checkRuled(duel, Verdict.Clean);
    }

    // ── who moves ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_providersKeyMoves() public {
        Duel memory duel = _contest(deal, evidence, challenger.addr);
        _defend(duel, lie, providerKey.addr, lie.firstLevel());
        _answer(duel, honest);
        (, uint256 index) = _firstWrong(duel, lie);
        _split(duel, index, lie.split(duel.firstStep + index * 32 ** duel.level, duel.level - 1), providerKey.addr);
        same(duel.turn, 1, "the challenger's turn");
    }

    function test_othersDoNotMove() public {
        Duel memory duel = _contest(deal, evidence, challenger.addr);
        address[5] memory all = [stranger.addr, tasker.addr, taskerKey.addr, provider.addr, providerKey.addr];
        Game memory game = _game(duel);
        for (uint256 i; i < 3; ++i) {
            refuses(_notYours(game.id, Side.Provider, provider.addr));
            vm.prank(all[i]);
            proofs.defend(game, lie.defence(3));
        }
        refuses(_notYours(game.id, Side.Provider, provider.addr));
        vm.prank(challenger.addr);
        proofs.defend(game, lie.defence(3));
        _defend(duel, lie);
        game = _game(duel);
        (, uint256 index) = _firstWrong(duel, honest);
        Section memory section = _section(duel, index);
        bytes32[32] memory ends = honest.split(index * 32 ** duel.level, duel.level - 1);
        for (uint256 i; i < 5; ++i) {
            refuses(_notYours(game.id, Side.Challenger, challenger.addr));
            vm.prank(all[i]);
            proofs.split(game, section, ends);
        }
    }

    // ── again, out of order, copied ─────────────────────────────────────────────────────────────────────────────

    function test_replays() public {
        Duel memory duel = _contest(deal, evidence, challenger.addr);
        Game memory opened = _game(duel);
        _defend(duel, lie);
        Game memory defended = _game(duel);
        (, uint256 index) = _firstWrong(duel, honest);
        Section memory section = _section(duel, index);
        bytes32[32] memory ends = honest.split(index * 32 ** duel.level, duel.level - 1);
        _answer(duel, honest);
        bytes32 kept = proofs.gameOf(opened.id);
        (uint256 locked, uint256 collateral) = (_locked(challenger.addr), _locked(provider.addr));

        bytes memory reason = abi.encodeWithSelector(IProofScheme.NotTheGame.selector, opened.id);
        refuses(reason);
        vm.prank(provider.addr);
        proofs.defend(opened, lie.defence(3));
        refuses(reason);
        vm.prank(challenger.addr);
        proofs.split(defended, section, ends);
        // The second split of the challenger, before the provider's.
        refuses(_notYours(opened.id, Side.Provider, provider.addr));
        Game memory now_ = _game(duel);
        Section memory next = _section(duel, 5);
        vm.prank(challenger.addr);
        proofs.split(now_, next, ends);
        // A game of another case, with this one's move.
        Duel memory other = _contest(deal, evidence, challenger.addr);
        Game memory theirs = _game(other);
        refuses(abi.encodeWithSelector(IProofScheme.NotTheGame.selector, theirs.id));
        vm.prank(challenger.addr);
        proofs.split(theirs, section, ends);

        same(proofs.gameOf(opened.id), kept, "the game stands as it stood");
        same(_locked(challenger.addr), locked + other.dispute.bond, "bonds");
        same(_locked(provider.addr), collateral, "collateral");
    }

    function test_copiedProof() public {
        Duel memory duel = _atSingleSteps();
        (, uint256 index) = _firstWrong(duel, honest);
        _prove(duel, index, honest.witness(duel.firstStep + index), stranger.addr);
        vm.prank(stranger.addr);
        disputes.settle(deal.terms, deal.scheme, duel.dispute);
        same(_free(challenger.addr), FUNDS + uint256(deal.terms.collateral) / 10, "the challenger's reward");
        same(_free(stranger.addr), FUNDS, "not the copier's");
        _checkSolvent();
    }

    // ── as a receiver of its own ────────────────────────────────────────────────────────────────────────────────

    function rule(bytes32, Verdict) external {
        require(!deaf);
        ++heard;
        if (echo.length == 0) return;
        (bool done,) = address(proofs).call(echo);
        require(!done);
    }

    function test_receiverThatReverts() public {
        (Game memory game, bytes32 contested) = _ownGame("case");
        bytes32 kept = proofs.gameOf(game.id);
        vm.warp(block.timestamp + 4_000);
        deaf = true;
        vm.expectRevert();
        proofs.timeout(game, contested, address(this), "case");
        same(proofs.gameOf(game.id), kept, "as it was");
        deaf = false;
        proofs.timeout(game, contested, address(this), "case");
        same(heard, 1, "told once");
    }

    function test_receiverThatCallsBack() public {
        (Game memory game, bytes32 contested) = _ownGame("case");
        vm.warp(block.timestamp + 4_000);
        echo = abi.encodeCall(proofs.timeout, (game, contested, address(this), "case"));
        proofs.timeout(game, contested, address(this), "case");
        same(heard, 1, "told once");
        same(proofs.gameOf(game.id), 0, "over");
    }

    /// @dev Of a case that this contract opened, with 6,400 seconds.
    function _ownGame(bytes32 caseId) private returns (Game memory game, bytes32 contested) {
        Case memory facts;
        (facts.id, facts.lease, facts.scheme) = (caseId, deal.id, deal.scheme);
        (facts.job, facts.result) = (evidence.ticket.job, evidence.result);
        (facts.challenger, facts.provider, facts.providerKey) = (challenger.addr, provider.addr, providerKey.addr);
        facts.ruleBy = uint40(block.timestamp + 6_400);
        vm.recordLogs();
        proofs.open(facts);
        (game,,) = abi.decode(vm.getRecordedLogs()[0].data, (Game, Computation, uint40));
        contested = _computed(evidence);
    }

    // ── shortcuts ───────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A game about a shorter run: the challenger's turn, over the provider's single steps.
    function _atSingleSteps() private returns (Duel memory duel) {
        (honest, lie) = (Stories.truth(30_000), Stories.lying(30_000, 12_345, 3));
        duel = _contest(deal, _told(deal, 2, lie), challenger.addr);
        _defend(duel, lie);
        while (duel.level != 0) _answer(duel, duel.turn == 0 ? lie : honest);
        same(duel.turn, 1, "the challenger's turn");
    }

    function _earlyTimeOut(Duel memory duel) private {
        (Game memory game, bytes32 contested) = (_game(duel), _contested(duel));
        refuses(abi.encodeWithSelector(IProofScheme.ClockRuns.selector, game.id, _deadline(duel)));
        proofs.timeout(game, contested, address(disputes), duel.caseId);
    }

    function _notYours(bytes32 id, Side side, address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProofScheme.NotYourTurn.selector, id, side, account);
    }

    function _checkRuled(Duel memory duel, Verdict expected) private view {
        (,, Verdict verdict,) = disputes.caseOf(duel.caseId);
        same(uint256(verdict), uint256(expected), "verdict");
    }
}
