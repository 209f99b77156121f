// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Case, IDisputeScheme, IVerdictReceiver, Verdict} from "../interfaces/IDisputeScheme.sol";
import {IMachine} from "../interfaces/IMachine.sol";
import {IProofScheme} from "../interfaces/IProofScheme.sol";
import {Clock} from "./proof/Clock.sol";
import {Computation, Defence} from "./proof/Computation.sol";
import {Game, GameHash, Side} from "./proof/Game.sol";
import {Horizon} from "./proof/Horizon.sol";
import {Section, Sections} from "./proof/Section.sol";

/// @title ProofScheme
contract ProofScheme is IProofScheme {
    /// @inheritdoc IProofScheme
    IMachine public immutable machine;
    uint256 private immutable _version;

    /// @inheritdoc IProofScheme
    mapping(bytes32 id => bytes32) public gameOf;

    constructor(IMachine machine_) {
        machine = machine_;
        _version = machine_.VERSION();
    }

    /// @inheritdoc IDisputeScheme
    function open(Case calldata facts) external {
        uint256 asked = facts.scheme.machineVersion;
        if (asked != _version) revert WrongMachine(facts.id, _version, asked);
        bytes32 id = GameHash.idOf(msg.sender, facts.id);
        // Once a game is over its receiver may open the case again: whether it is a case still is for it to know.
        if (gameOf[id] != 0) revert CaseKnown(msg.sender, facts.id);
        uint256 left = facts.ruleBy > block.timestamp ? facts.ruleBy - block.timestamp : 0;
        if (left < Clock.LEAST) revert TooLittleTime(facts.id, left, Clock.LEAST);

        Computation memory contested = Computation({
            programRoot: facts.job.programRoot,
            input: facts.job.input,
            fuel: facts.job.fuel,
            outputMax: facts.job.outputMax,
            status: facts.result.status,
            fuelUsed: facts.result.fuelUsed,
            output: facts.result.output
        });
        Game memory game = Game({
            id: id,
            challenger: facts.challenger,
            provider: facts.provider,
            start: 0,
            firstStep: 0,
            // The whole run is one section, whose end is contested.
            level: uint8(Horizon.levelOf(facts.result.fuelUsed)),
            turn: Side.Provider,
            providerClock: Clock.share(left),
            challengerClock: Clock.share(left),
            extension: Clock.extension(left),
            movedAt: uint40(block.timestamp)
        });
        gameOf[id] = GameHash.hashOfMemory(game, contested.hash());
        emit GameOpened(msg.sender, facts.id, game, contested, facts.ruleBy);
    }

    /// @inheritdoc IProofScheme
    function defend(Game calldata game, Computation calldata contested, Defence calldata defence) external {
        _check(game, contested.hash());
        uint256 clock = _move(game);
        bytes32 start = machine.initialState(
            contested.programRoot, defence.program, contested.input, contested.fuel, contested.outputMax
        );

        _post(game, start, 0, clock, _ends(contested, defence));
    }

    /// @inheritdoc IProofScheme
    function split(Game calldata game, Section calldata section, bytes32[32] calldata ends) external {
        _checkSection(game, section);
        uint256 clock = _move(game);
        if (game.level == 0) revert SingleSteps(game.id);
        // Else the game would end at a step on which both agree.
        if (ends[Horizon.SECTIONS - 1] == section.to) revert SameEnd(section.to);

        _post(game, section.from, uint256(section.index) << Horizon.BITS * game.level, clock, ends);
    }

    /// @inheritdoc IProofScheme
    function prove(
        Game calldata game,
        Section calldata section,
        address receiver,
        bytes32 caseId,
        bytes calldata witness
    ) external {
        _checkSection(game, section);
        if (game.level != 0) revert NotSingleSteps(game.id, game.level);
        // The machine refuses a witness of another state, so none can make a right step look wrong.
        if (machine.step(section.from, witness) == section.to) revert RightStep(section.from, section.to);

        _end(game, receiver, caseId, _other(game.turn), true);
    }

    /// @inheritdoc IProofScheme
    function timeout(Game calldata game, bytes32 contested, address receiver, bytes32 caseId) external {
        _check(game, contested);
        uint256 until = uint256(game.movedAt) + _clock(game);
        if (block.timestamp < until) revert ClockRuns(game.id, until);

        _end(game, receiver, caseId, game.turn, false);
    }

    function _check(Game calldata game, bytes32 contested) private view {
        if (gameOf[game.id] != GameHash.hash(game, contested)) revert NotTheGame(game.id);
    }

    /// @dev A section has the split's root, which no Computation's hash is: so the provider has defended.
    function _checkSection(Game calldata game, Section calldata section) private view {
        // Bits above would name another step under the same path.
        if (section.index >= Horizon.SECTIONS) revert NoSuchSection(section.index);
        _check(game, section.root());
    }

    /// @return clock of the mover after its move
    function _move(Game calldata game) private view returns (uint256 clock) {
        address mover = game.turn == Side.Provider ? game.provider : game.challenger;
        if (msg.sender != mover) revert NotYourTurn(game.id, game.turn, mover);
        uint256 until = uint256(game.movedAt) + _clock(game);
        if (block.timestamp >= until) revert TimeIsUp(game.id, until);
        return until - block.timestamp + game.extension;
    }

    /// @dev States after each section, of which the last is the contested result's.
    function _ends(Computation calldata contested, Defence calldata defence)
        private
        view
        returns (bytes32[32] memory ends)
    {
        bytes32 last = defence.last.hash();
        (uint8 status, uint64 fuelLeft, bytes32 output) = machine.resultOf(last, defence.last, defence.outputRoot);
        bool its = status == contested.status && uint256(fuelLeft) + contested.fuelUsed == contested.fuel
            && output == contested.output;
        if (!its) revert NotTheResult(status, fuelLeft, output);
        for (uint256 i; i < defence.states.length; ++i) {
            ends[i] = defence.states[i];
        }
        ends[Horizon.SECTIONS - 1] = last;
    }

    /// @dev The game with a new split, and the other side's turn.
    /// @param on steps from the old split's first to the new one's
    function _post(Game calldata game, bytes32 start, uint256 on, uint256 clock, bytes32[32] memory ends) private {
        Game memory next = game;
        next.start = start;
        next.firstStep += uint72(on);
        --next.level;
        if (game.turn == Side.Provider) next.providerClock = uint40(clock);
        else next.challengerClock = uint40(clock);
        next.turn = _other(game.turn);
        next.movedAt = uint40(block.timestamp);

        gameOf[game.id] = GameHash.hashOfMemory(next, Sections.rootOf(start, ends));
        emit Split(game.id, next, ends);
    }

    /// @dev Where the receiver refuses the verdict, nothing of this has happened: it can be called again.
    function _end(Game calldata game, address receiver, bytes32 caseId, Side loser, bool proven) private {
        if (GameHash.idOf(receiver, caseId) != game.id) revert NotTheCase(game.id);

        delete gameOf[game.id];
        emit GameEnded(receiver, caseId, loser, proven);
        // Told last: the receiver is somebody else's code.
        IVerdictReceiver(receiver).rule(caseId, loser == Side.Provider ? Verdict.Guilty : Verdict.Clean);
    }

    function _clock(Game calldata game) private pure returns (uint256) {
        return game.turn == Side.Provider ? game.providerClock : game.challengerClock;
    }

    function _other(Side side) private pure returns (Side) {
        return side == Side.Provider ? Side.Challenger : Side.Provider;
    }
}
