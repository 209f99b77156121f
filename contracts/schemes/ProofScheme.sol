// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Case, IDisputeScheme, IVerdictReceiver, Verdict} from "../interfaces/IDisputeScheme.sol";
import {IMachine} from "../interfaces/IMachine.sol";
import {IProofScheme} from "../interfaces/IProofScheme.sol";
import {Sizes} from "../machine/types/Sizes.sol";
import {State} from "../machine/types/State.sol";
import {World} from "../machine/types/World.sol";
import {Clock} from "./proof/Clock.sol";
import {Computation} from "./proof/Computation.sol";
import {Defence} from "./proof/Defence.sol";
import {Game, GameHash} from "./proof/Game.sol";
import {GameState, GameStates, Side} from "./proof/GameState.sol";
import {Horizon} from "./proof/Horizon.sol";
import {Posting} from "./proof/Posting.sol";
import {Section} from "./proof/Section.sol";

/// @title ProofScheme
contract ProofScheme is IProofScheme {
    using GameHash for Game;

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
        // The whole run is one section, whose end is contested.
        uint256 level = Horizon.levelOf(facts.result.fuelUsed);
        Game memory game = Game({
            id: id,
            challenger: facts.challenger,
            provider: facts.provider,
            providerKey: facts.providerKey,
            state: GameStates.opened(
                level, Clock.ofProvider(left), Clock.ofChallenger(left), Clock.extension(left, level)
            )
        });
        gameOf[id] = GameHash.hashOfMemory(game, contested.hash());
        emit GameOpened(msg.sender, facts.id, game, contested, facts.ruleBy);
    }

    /// @inheritdoc IProofScheme
    function defend(Game calldata game, Defence calldata defence) external {
        (Computation memory contested, bytes32 start, bytes32 last) = _shown(defence);
        _check(game, contested.hash());
        uint256 clock = _move(game);
        uint256 most = game.state.level() - 1;
        if (defence.level > most) revert TooManySteps(game.id, defence.level, most);

        _post(game, game.state.moved(defence.level, 0, clock), start, defence.states, last);
    }

    /// @inheritdoc IProofScheme
    function split(Game calldata game, Section calldata section, bytes32[32] calldata ends) external {
        _checkSection(game, section);
        uint256 clock = _move(game);
        uint256 level = game.state.level();
        if (level == 0) revert SingleSteps(game.id);
        bytes32 last = ends[Horizon.SECTIONS - 1];
        // Else the game would end at a step on which both agree.
        if (last == section.to) revert SameEnd(section.to);

        uint256 on = uint256(section.index) << Horizon.BITS * level;
        bytes32[31] calldata states;
        assembly ("memory-safe") {
            states := ends
        }
        _post(game, game.state.moved(level - 1, on, clock), section.from, states, last);
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
        uint256 level = game.state.level();
        if (level != 0) revert NotSingleSteps(game.id, uint8(level));
        // The machine refuses a witness of another state, so none can make a right step look wrong.
        if (machine.step(section.from, witness) == section.to) revert RightStep(section.from, section.to);

        _end(game, receiver, caseId, GameStates.other(game.state.turn()), true);
    }

    /// @inheritdoc IProofScheme
    function timeout(Game calldata game, bytes32 contested, address receiver, bytes32 caseId) external {
        _check(game, contested);
        uint256 until = game.state.deadline();
        if (block.timestamp < until) revert ClockRuns(game.id, until);

        _end(game, receiver, caseId, game.state.turn(), false);
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
        Side turn = game.state.turn();
        if (!game.mayMove(msg.sender)) {
            revert NotYourTurn(game.id, turn, turn == Side.Provider ? game.provider : game.challenger);
        }
        uint256 until = game.state.deadline();
        if (block.timestamp >= until) revert TimeIsUp(game.id, until);
        return until - block.timestamp + game.state.extension();
    }

    /// @return contested what the defence shows to have been computed
    /// @return start the first state of it
    /// @return last the last state
    function _shown(Defence calldata defence)
        private
        view
        returns (Computation memory contested, bytes32 start, bytes32 last)
    {
        uint256 outputMax = Sizes.wrap(defence.sizes).outputMax();
        World memory world =
            World(Sizes.wrap(defence.sizes), defence.lastMemory, defence.lastSlots, defence.input, 0);
        State memory end = State(defence.registers, defence.code, defence.stack, world);
        uint64 fuelLeft;
        (last, contested.status, fuelLeft, contested.output) = machine.finalState(end, defence.outputRoot);
        if (fuelLeft > defence.fuel || outputMax > type(uint32).max) revert NotAnEnd(fuelLeft, outputMax);

        contested.input = defence.input;
        contested.fuel = defence.fuel;
        contested.outputMax = uint32(outputMax);
        contested.fuelUsed = defence.fuel - fuelLeft;
        (contested.programRoot, start) =
            machine.initialState(defence.program(), defence.input, defence.fuel, uint64(outputMax));
    }

    /// @dev The mover's split, and the game after it.
    function _post(
        Game calldata game,
        GameState next,
        bytes32 start,
        bytes32[31] calldata states,
        bytes32 last
    ) private {
        gameOf[game.id] = Posting.post(Split.selector, game, next, start, states, last);
    }

    /// @dev Where the receiver refuses the verdict, nothing of this has happened: it can be called again.
    function _end(Game calldata game, address receiver, bytes32 caseId, Side loser, bool proven) private {
        if (GameHash.idOf(receiver, caseId) != game.id) revert NotTheCase(game.id);

        delete gameOf[game.id];
        emit GameEnded(receiver, caseId, loser, proven);
        // Told last: the receiver is somebody else's code.
        IVerdictReceiver(receiver).rule(caseId, loser == Side.Provider ? Verdict.Guilty : Verdict.Clean);
    }
}
