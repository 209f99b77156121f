// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IDisputes} from "../../interfaces/IDisputes.sol";
import {IProofScheme} from "../../interfaces/IProofScheme.sol";
import {Game} from "../../schemes/proof/Game.sol";
import {GameState} from "../../schemes/proof/GameState.sol";
import {Section} from "../../schemes/proof/Section.sol";
import {Computation} from "../../schemes/proof/Computation.sol";
import {Claim, Sibling} from "../../types/Claim.sol";
import {Dispute} from "../../types/Dispute.sol";
import {Result, Ticket} from "../../types/Documents.sol";
import {Evidence} from "../../types/Evidence.sol";
import {Scheme} from "../../types/Scheme.sol";
import {ProofMachine} from "../machine/support/ProofMachine.sol";
import {Deal, Deals} from "./Deals.sol";
import {Stories, Story} from "./Stories.sol";
import {Trees} from "./Trees.sol";

/// @notice A game as both sides know it from the events.
struct Duel {
    bytes32 caseId;
    Dispute dispute;
    uint256 ruleBy;
    address challenger;
    uint256 firstStep;
    uint256 level;
    uint256 turn; // 0 the provider's, 1 the challenger's
    uint256[2] clocks;
    uint256 extension;
    uint256 movedAt;
    bool defended;
    bytes32 contested; // until then
    bytes32 start; // from then on
    bytes32[32] ends;
}

/// @notice Leases whose leaf is the proof scheme over the machine that counts, and games about their jobs.
/// @dev A second writing of game, clock and tree: were the contract's another, it would know no game of these.
abstract contract Proofs is Deals {
    using Stories for Story;

    ProofMachine internal machine;
    IProofScheme internal proofs;

    function setUp() public virtual override {
        super.setUp();
        machine = new ProofMachine();
        proofs = IProofScheme(_deploy("schemes/ProofScheme.sol/ProofScheme", abi.encode(machine)));
    }

    function _scheme() internal view override returns (Scheme memory) {
        return Scheme({
            scheme: address(proofs),
            arbiter: address(0),
            arbiterFee: 0.04 ether + 1,
            machineVersion: 3,
            taskerShare: 7_000,
            winnerShare: 1_000
        });
    }

    // ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev What both keys signed of the job at `index`, by the provider's story.
    function _told(Deal memory deal, uint32 index, Story memory story) internal view returns (Evidence memory evidence) {
        evidence.ticket = Ticket(deal.id, index, story.jobOf());
        evidence.ticketSignature = _sign(taskerKey, _hash(evidence.ticket));
        evidence.result = Result(_hash(evidence.ticket), 0, story.fuelUsed(), story.output());
        evidence.resultSignature = _sign(providerKey, _hash(evidence.result));
    }

    function _contest(Deal memory deal, Evidence memory evidence, address by) internal returns (Duel memory duel) {
        duel = _opening(deal, evidence, by);
        vm.prank(by);
        bytes32 caseId = disputes.challenge(deal.terms, deal.scheme, evidence);
        same(caseId, duel.caseId, "the case is the hash of its dispute");
        _checkGame(duel);
    }

    /// @dev The same of a claim that holds this one result.
    function _contestLeaf(Deal memory deal, Evidence memory evidence, address by) internal returns (Duel memory duel) {
        Sibling[] memory leaves = new Sibling[](1);
        leaves[0] = Trees.leaf(_hash(evidence.result), _earned(deal, evidence.result.fuelUsed));
        Claim memory claim = Trees.claim(leaves);
        vm.prank(providerKey.addr);
        leases.claim(deal.terms, claim);
        duel = _opening(deal, evidence, by);
        vm.prank(by);
        disputes.challengeLeaf(deal.terms, deal.scheme, claim, evidence.ticket, evidence.result, new Sibling[](0));
        _checkGame(duel);
    }

    function _opening(Deal memory deal, Evidence memory evidence, address by) private view returns (Duel memory duel) {
        uint256 others = leases.leaseOf(deal.id).disputes;
        Result memory result = evidence.result;
        duel.dispute = Dispute({
            lease: deal.id,
            index: evidence.ticket.index,
            result: _hash(result),
            challenger: by,
            bond: uint96(deal.terms.bond * (others + 1)),
            amount: uint96(_earned(deal, result.fuelUsed)),
            openedAt: uint40(block.timestamp)
        });
        duel.caseId = _idOf(duel.dispute);
        duel.challenger = by;
        duel.movedAt = block.timestamp;
        duel.ruleBy = block.timestamp + deal.terms.disputeLimit;
        duel.contested = _computed(evidence);
        while (32 ** duel.level < 32 * (uint256(result.fuelUsed) + 64)) ++duel.level;
        uint256 left = deal.terms.disputeLimit;
        duel.clocks = [left * 40 / 64, left * 10 / 64];
        duel.extension = left * 8 / (64 * duel.level);
    }

    function _computed(Evidence memory evidence) internal pure returns (bytes32) {
        Result memory result = evidence.result;
        return keccak256(
            abi.encode(
                Computation(
                    evidence.ticket.job.programRoot,
                    evidence.ticket.job.input,
                    evidence.ticket.job.fuel,
                    evidence.ticket.job.outputMax,
                    result.status,
                    result.fuelUsed,
                    result.output
                )
            )
        );
    }

    // ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev By the side whose turn it is.
    function _defend(Duel memory duel, Story memory story) internal {
        _defend(duel, story, provider.addr, story.firstLevel());
    }

    function _defend(Duel memory duel, Story memory story, address by, uint8 level) internal {
        Game memory game = _game(duel);
        vm.prank(by);
        proofs.defend(game, story.defence(level));
        duel.defended = true;
        duel.level = level + 1;
        // What it follows from is the job, whatever the story.
        duel.start = Stories.truth(story.steps).stateAt(0);
        duel.ends = story.split(0, level);
        duel.ends[31] = story.stateAt(story.last);
        _moved(duel, 0);
    }

    function _split(Duel memory duel, uint256 index, bytes32[32] memory ends) internal {
        _split(duel, index, ends, _mover(duel));
    }

    function _split(Duel memory duel, uint256 index, bytes32[32] memory ends, address by) internal {
        (Game memory game, Section memory section) = (_game(duel), _section(duel, index));
        vm.prank(by);
        proofs.split(game, section, ends);
        (duel.start, duel.ends) = (section.from, ends);
        _moved(duel, index);
    }

    function _prove(Duel memory duel, uint256 index, bytes memory witness, address by) internal {
        (Game memory game, Section memory section) = (_game(duel), _section(duel, index));
        vm.prank(by);
        proofs.prove(game, section, address(disputes), duel.caseId, witness);
        same(proofs.gameOf(game.id), 0, "the slot is free");
    }

    function _timeOut(Duel memory duel, address by) internal {
        (Game memory game, bytes32 contested) = (_game(duel), _contested(duel));
        vm.prank(by);
        proofs.timeout(game, contested, address(disputes), duel.caseId);
        same(proofs.gameOf(game.id), 0, "the slot is free");
    }

    /// @dev The next move of whoever plays this story: the first section whose end is another.
    /// @return played whether there was one
    function _answer(Duel memory duel, Story memory story) internal returns (bool played) {
        (bool differs, uint256 index) = _firstWrong(duel, story);
        if (!differs) return false;
        uint256 step = duel.firstStep + index * 32 ** duel.level;
        if (duel.level != 0) {
            _split(duel, index, story.split(step, duel.level - 1));
            return true;
        }
        if (!_proves(duel, story, index, step)) return false;
        _prove(duel, index, story.witness(step), _mover(duel));
        duel.movedAt = 0; // over
        return true;
    }

    /// @dev The moves of both to the end; whoever has none loses by the clock.
    function _playOut(Duel memory duel, Story memory providers, Story memory challengers) internal {
        _defend(duel, providers);
        while (_answer(duel, duel.turn == 0 ? providers : challengers)) {
            if (_isOver(duel)) return;
            vm.warp(block.timestamp + 1);
        }
        vm.warp(_deadline(duel));
        _timeOut(duel, stranger.addr);
    }

    function _firstWrong(Duel memory duel, Story memory story) internal pure returns (bool differs, uint256 index) {
        bytes32[32] memory ours = story.split(duel.firstStep, duel.level);
        while (index < 32 && duel.ends[index] == ours[index]) ++index;
        return (index < 32, index);
    }

    function _proves(Duel memory duel, Story memory story, uint256 index, uint256 step) internal view returns (bool) {
        Section memory section = _section(duel, index);
        try machine.step(section.from, story.witness(step)) returns (bytes32 next) {
            return next != section.to;
        } catch {
            return false;
        }
    }

    // ── what is known of it ─────────────────────────────────────────────────────────────────────────────────────

    function _isOver(Duel memory duel) internal view returns (bool) {
        return proofs.gameOf(_game(duel).id) == 0;
    }

    function _deadline(Duel memory duel) internal pure returns (uint256) {
        return duel.movedAt + duel.clocks[duel.turn];
    }

    function _mover(Duel memory duel) internal view returns (address) {
        return duel.turn == 0 ? provider.addr : duel.challenger;
    }

    function _game(Duel memory duel) internal view returns (Game memory game) {
        game.id = keccak256(abi.encode(address(disputes), duel.caseId));
        game.challenger = duel.challenger;
        game.provider = provider.addr;
        game.providerKey = providerKey.addr;
        game.state = GameState.wrap(
            duel.firstStep + duel.level * 2 ** 72 + duel.turn * 2 ** 80 + duel.clocks[0] * 2 ** 88
                + duel.clocks[1] * 2 ** 128 + duel.extension * 2 ** 168 + duel.movedAt * 2 ** 208
        );
    }

    /// @dev What `timeout` is told stands contested.
    function _contested(Duel memory duel) internal pure returns (bytes32) {
        return duel.defended ? _node(duel, 0, 5) : duel.contested;
    }

    function _section(Duel memory duel, uint256 index) internal pure returns (Section memory section) {
        section.index = uint8(index);
        section.from = index == 0 ? duel.start : duel.ends[index - 1];
        section.to = duel.ends[index];
        for (uint256 i; i < 5; ++i) section.siblings[i] = _node(duel, index >> i ^ 1, i);
    }

    /// @dev Of the tree over a split, by recursion.
    function _node(Duel memory duel, uint256 place, uint256 height) private pure returns (bytes32) {
        if (height != 0) {
            return keccak256(abi.encode(_node(duel, 2 * place, height - 1), _node(duel, 2 * place + 1, height - 1)));
        }
        return keccak256(abi.encode(place == 0 ? duel.start : duel.ends[place - 1], duel.ends[place]));
    }

    function _moved(Duel memory duel, uint256 index) private view {
        uint256 mover = duel.turn;
        duel.firstStep += index * 32 ** duel.level;
        --duel.level;
        duel.clocks[mover] = _deadline(duel) - block.timestamp + duel.extension;
        duel.turn = 1 - mover;
        duel.movedAt = block.timestamp;
        _checkGame(duel);
    }

    function _checkGame(Duel memory duel) private view {
        Game memory game = _game(duel);
        bytes32 hash = keccak256(abi.encode(keccak256("millrace.game.v2"), game));
        same(proofs.gameOf(game.id), keccak256(abi.encode(hash, _contested(duel))), "the game is as it should be");
    }
}
