// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Verdict} from "../../interfaces/IDisputeScheme.sol";
import {Game} from "../../schemes/proof/Game.sol";
import {Section} from "../../schemes/proof/Section.sol";
import {Evidence} from "../../types/Evidence.sol";
import {LeaseStatus} from "../../types/Lease.sol";
import {Deal} from "../harness/Deals.sol";
import {Duel, Proofs} from "../harness/Proofs.sol";
import {Stories, Story} from "../harness/Stories.sol";

/// @notice How a party plays. One that plays the true run always does so by `Truth`.
enum Manner {
    Truth, // answers by the true run, whenever within its clock
    Liar, // the same by a run of its own
    Garbler, // picks as it should and posts nobody's states
    Gambler, // picks any section and posts anything
    Sloth, // moves when it is too late
    Mute // never moves
}

/// Random parties, in random order, in random time, over a machine that counts
/// ├── a provider whose result and run are true is never guilty and keeps its collateral, whatever anybody does
/// ├── a challenger that plays the true run against another result is never wrong: its bond comes back
/// ├── a call that is out of turn, late, early, again or nonsense changes no game
/// ├── every game is over by its last clock, and there is time left before ruleBy
/// └── money is conserved, and what is locked in the end is the collateral and the tasker's, or nothing
contract ProofTreesTest is Proofs {
    using Stories for Story;

    uint256 private constant MOST_GAMES = 4;

    struct Party {
        Manner manner;
        Story story;
    }

    Deal private deal;
    uint256 private draws;
    address[] private accounts;
    uint256 private before;

    // Of one tree.
    Duel[] private duels;
    Party[] private challengers;
    Party private host;
    Evidence private evidence;
    bool private resultIsTrue;

    function setUp() public override {
        super.setUp();
        deal = _open();
        accounts = [challenger.addr, stranger.addr, taskerKey.addr, tasker.addr];
    }

    /// forge-config: default.fuzz.runs = 300
    /// forge-config: deep.fuzz.runs = 10000
    function testFuzz_trees(uint256 seed) public {
        draws = seed;
        _cast();
        uint256 games = 1 + _draw(MOST_GAMES);
        for (uint256 i; i < games; ++i) {
            challengers.push(_drawChallenger());
            duels.push(_contest(deal, evidence, accounts[_draw(accounts.length)]));
            vm.warp(block.timestamp + _draw(3) * _draw(2_000));
        }
        for (uint256 left = games; left != 0;) {
            uint256 i = _mostUrgent();
            _turn(i);
            if (_isOver(duels[i])) --left;
        }
        for (uint256 i; i < games; ++i) _checkGameOf(i);
        _settleAll();
    }

    // ── the cast ────────────────────────────────────────────────────────────────────────────────────────────────

    function _cast() private {
        uint256 steps = 1 + _draw(32 ** (1 + _draw(5)));
        host.manner = _drawManner();
        host.story = host.manner == Manner.Truth ? Stories.truth(steps) : _drawStory(steps);
        evidence = _told(deal, uint32(_draw(1_000)), host.story);
        Evidence memory true_ = _told(deal, evidence.ticket.index, Stories.truth(steps));
        resultIsTrue = _hash(evidence.result) == _hash(true_.result);
    }

    function _drawChallenger() private returns (Party memory party) {
        uint256 steps = host.story.steps;
        party.manner = _drawManner();
        party.story = party.manner == Manner.Truth ? Stories.truth(steps) : _drawStory(steps);
    }

    function _drawManner() private returns (Manner) {
        return _draw(3) == 0 ? Manner.Truth : Manner(_draw(uint256(type(Manner).max) + 1));
    }

    function _drawStory(uint256 steps) private returns (Story memory story) {
        story = Stories.lying(steps, _draw(steps), _draw(4));
        if (story.lie == 0) story.last = steps + _draw(3) * _draw(steps);
        if (_draw(3) == 0) story.last = story.lieFrom + 1 + _draw(2 * steps - story.lieFrom);
        if (_draw(3) == 0) story.noise = 1 + _draw(type(uint128).max);
    }

    // ── time and turns ──────────────────────────────────────────────────────────────────────────────────────────

    /// @return urgent the game whose clock runs out first: nobody who plays by its clock forgets one over another
    function _mostUrgent() private view returns (uint256 urgent) {
        uint256 first = type(uint256).max;
        for (uint256 i; i < duels.length; ++i) {
            if (_isOver(duels[i])) continue;
            // Of two in the same second, that of the one who moves in time.
            uint256 rank = 2 * _deadline(duels[i]) + (_moverOf(i).manner == Manner.Truth ? 0 : 1);
            if (rank < first) (first, urgent) = (rank, i);
        }
    }

    function _moverOf(uint256 i) private view returns (Party memory) {
        return duels[i].turn == 0 ? host : challengers[i];
    }

    /// @dev Something happens in this game: a move, a vain try, or its end by the clock.
    function _turn(uint256 i) private {
        Duel memory duel = duels[i];
        Party memory mover = _moverOf(i);
        uint256 deadline = _deadline(duel);
        if (_draw(4) == 0) _disturb(duel);
        if (block.timestamp < deadline && mover.manner < Manner.Sloth) {
            _wait(deadline - 1);
            if (_moves(duel, mover)) {
                duels[i] = duel;
                return;
            }
        }
        if (block.timestamp < deadline) vm.warp(deadline);
        if (mover.manner == Manner.Sloth) _triesLate(duel, mover);
        _timeOut(duel, _anyone());
    }

    /// @dev Some time within the clock: none, all of it, or any.
    function _wait(uint256 last) private {
        uint256 kind = _draw(4);
        if (kind == 0) vm.warp(last);
        // Others must have their turns, too: mostly little time goes by.
        if (kind == 1) vm.warp(block.timestamp + _draw(last - block.timestamp + 1));
        if (kind == 2) vm.warp(block.timestamp + _draw((last - block.timestamp) / 64 + 1));
    }

    /// @return done whether it had a move
    function _moves(Duel memory duel, Party memory mover) private returns (bool done) {
        if (!duel.defended) {
            uint8 level = mover.story.firstLevel();
            if (level >= duel.level) level = uint8(duel.level) - 1;
            if (mover.manner != Manner.Truth && _draw(4) == 0) level = uint8(_draw(duel.level));
            _defend(duel, mover.story, _draw(2) == 0 ? provider.addr : providerKey.addr, level);
            return true;
        }
        if (mover.manner == Manner.Garbler || mover.manner == Manner.Gambler) return _garbles(duel, mover);
        return _answer(duel, mover.story);
    }

    /// @dev States that nobody has, beside the section that it picks; sometimes the last one is as it should be.
    function _garbles(Duel memory duel, Party memory mover) private returns (bool) {
        (bool differs, uint256 index) = _firstWrong(duel, mover.story);
        if (mover.manner == Manner.Gambler) index = _draw(32);
        else if (!differs) return false;
        if (duel.level == 0) return mover.manner == Manner.Garbler && _answer(duel, mover.story);

        bytes32[32] memory ends;
        uint256 step = duel.firstStep + index * 32 ** duel.level;
        if (_draw(2) == 0) ends = mover.story.split(step, duel.level - 1);
        for (uint256 i; i < 31; ++i) if (_draw(3) == 0) ends[i] = bytes32(_draw(type(uint256).max));
        if (_draw(3) == 0 || ends[31] == duel.ends[index]) ends[31] = bytes32(1 + _draw(type(uint128).max));
        _split(duel, index, ends);
        return true;
    }

    // ── what must change nothing ────────────────────────────────────────────────────────────────────────────────

    /// @dev Calls out of turn, early, of nonsense, of another game. Each must revert, so the game stands as it stood.
    function _disturb(Duel memory duel) private {
        Game memory game = _game(duel);
        bytes32 kept = proofs.gameOf(game.id);
        address caller = _anyone();
        Section memory section = duel.defended ? _section(duel, _draw(32)) : _nonsense();
        bytes32[32] memory ends;
        bytes memory call;
        uint256 kind = _draw(6);
        if (kind == 0 && block.timestamp < _deadline(duel)) {
            call = abi.encodeCall(proofs.timeout, (game, _contested(duel), address(disputes), duel.caseId));
        } else if (kind == 1) {
            call = abi.encodeCall(proofs.prove, (game, section, address(disputes), duel.caseId, abi.encode(_draw(9))));
        } else if (kind == 2) {
            call = abi.encodeCall(proofs.split, (game, _nonsense(), ends));
        } else if (kind == 3) {
            game.providerKey = caller;
            call = abi.encodeCall(proofs.split, (game, section, ends));
        } else if (kind == 4) {
            caller = duel.turn == 0 ? duel.challenger : provider.addr;
            call = abi.encodeCall(proofs.split, (game, section, ends));
        } else {
            // Of another job.
            call = abi.encodeCall(proofs.defend, (game, Stories.truth(host.story.steps + 1).defence(1)));
        }
        vm.prank(caller);
        (bool done,) = address(proofs).call(call);
        holds(!done, "a vain call");
        same(proofs.gameOf(game.id), kept, "the game stands as it stood");
    }

    function _triesLate(Duel memory duel, Party memory mover) private {
        (Game memory game, Section memory section) =
            (_game(duel), duel.defended ? _section(duel, _draw(32)) : _nonsense());
        bytes32[32] memory ends;
        bytes memory call = duel.defended
            ? abi.encodeCall(proofs.split, (game, section, ends))
            : abi.encodeCall(proofs.defend, (game, mover.story.defence(0)));
        vm.prank(_mover(duel));
        (bool done,) = address(proofs).call(call);
        holds(!done, "too late");
    }

    function _nonsense() private returns (Section memory section) {
        (section.index, section.from) = (uint8(_draw(256)), bytes32(_draw(type(uint256).max)));
        for (uint256 i; i < 5; ++i) section.siblings[i] = bytes32(_draw(type(uint256).max));
    }

    // ── what must come out ──────────────────────────────────────────────────────────────────────────────────────

    function _checkGameOf(uint256 i) private view {
        (,, Verdict verdict, uint40 ruledAt) = disputes.caseOf(duels[i].caseId);
        holds(verdict != Verdict.None && ruledAt < duels[i].ruleBy, "over before ruleBy");
        if (host.manner == Manner.Truth) same(uint256(verdict), uint256(Verdict.Clean), "an honest provider");
        if (challengers[i].manner == Manner.Truth && !resultIsTrue) {
            same(uint256(verdict), uint256(Verdict.Guilty), "an honest challenger");
        }
    }

    /// @dev In any order.
    function _settleAll() private {
        uint256 from = _draw(duels.length);
        for (uint256 i; i < duels.length; ++i) {
            Duel memory duel = duels[(from + i) % duels.length];
            uint256 free = _free(duel.challenger);
            disputes.settle(deal.terms, deal.scheme, duel.dispute);
            bool honest = challengers[(from + i) % duels.length].manner == Manner.Truth && !resultIsTrue;
            if (honest) holds(_free(duel.challenger) >= free + duel.dispute.bond, "its bond comes back whole");
            _checkSolvent();
        }
        bool slashed = _status(deal) == LeaseStatus.Slashed;
        if (slashed) {
            holds(host.manner != Manner.Truth, "an honest provider keeps its collateral");
            _checkNothingLocked();
        } else {
            same(_locked(provider.addr), deal.terms.collateral, "collateral");
            holds(_free(provider.addr) >= FUNDS - deal.terms.collateral, "and never less");
        }
    }

    function _anyone() private returns (address) {
        return _draw(3) == 0 ? provider.addr : accounts[_draw(accounts.length)];
    }

    /// @return below `bound`
    function _draw(uint256 bound) private returns (uint256) {
        draws = uint256(keccak256(abi.encode(draws)));
        return draws % bound;
    }
}
