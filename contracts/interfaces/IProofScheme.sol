// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Computation} from "../schemes/proof/Computation.sol";
import {Defence} from "../schemes/proof/Defence.sol";
import {Game} from "../schemes/proof/Game.sol";
import {Side} from "../schemes/proof/GameState.sol";
import {Section} from "../schemes/proof/Section.sol";
import {IDisputeScheme} from "./IDisputeScheme.sol";
import {IMachine} from "./IMachine.sol";

/// @title Whoever is right proves it
/// @notice Provider and challenger look for the first step on which they differ, and a contract makes that step. First
///         the provider defends: it posts the states after each 32nd of the run. Then whose turn it is picks one
///         section of the other's split, says where that section really ends, and splits it likewise, until sections are
///         single steps. If one of those is wrong, anyone proves it and its poster loses. If none is, nobody can, and the
///         other side loses by its clock.
///
///         **An honest party always wins**, on one assumption: it makes its moves within its clock. It begins at a
///         state that is right and faces an end that is wrong; so some section of the other's split is the first with a
///         wrong end, and it begins at a right state. It picks that one, and again it does; its own splits have no wrong
///         step that could be proven. What the other one posts beside that section, or whether its end is the true one,
///         does not matter.
///
///         **What a verdict says.** Guilty: the provider did not show its result, by whatever fault of its own; also one
///         whose result is right and whose posted states are not. Clean: this challenger did not show the contrary. If
///         both lie, either may lose. Each challenger has a game of its own, and one lost confirms nothing for the next.
///
///         Nobody has a power over a game, and no game can be stopped. Calls bring the game along; its hash is all that
///         is kept, so a move made twice, or for a game that went on, finds another hash and reverts.
interface IProofScheme is IDisputeScheme {
    /// @notice `receiver` opened a case. The provider is to `defend` before its clock runs out.
    event GameOpened(address indexed receiver, bytes32 indexed caseId, Game game, Computation contested, uint40 ruleBy);
    /// @notice A split was posted, by the provider's defence or a move of either side.
    /// @param game as the next call brings it along
    /// @param start state before the first section
    /// @param ends states after each section
    event Split(bytes32 indexed id, Game game, bytes32 start, bytes32[32] ends);
    /// @notice A game is over.
    /// @param proven whether by a proof; else by the loser's clock
    event GameEnded(address indexed receiver, bytes32 indexed caseId, Side loser, bool proven);

    /// @notice The lease's leaf names another version of the machine, whose steps may be others.
    error WrongMachine(bytes32 caseId, uint256 version, uint256 asked);
    /// @notice This receiver opened the case before, and its game still goes on.
    error CaseKnown(address receiver, bytes32 caseId);
    /// @notice A case with so few seconds left would be won by whoever opens it.
    error TooLittleTime(bytes32 caseId, uint256 left, uint256 least);
    /// @notice The game is not as given: it went on, is over, or never was; the last `Split` says how it stands. Or what
    ///         the defence shows is not the contested result, or not of its job.
    error NotTheGame(bytes32 id);
    /// @notice Receiver and case are not those of the game.
    error NotTheCase(bytes32 id);
    /// @notice It is `side`'s turn, which is `account` (or the provider's key).
    error NotYourTurn(bytes32 id, Side side, address account);
    /// @notice The clock of the side to move ran out at `since`. Too late for a move; a proof still counts.
    error TimeIsUp(bytes32 id, uint256 since);
    /// @notice The clock of the side to move runs until `until`.
    error ClockRuns(bytes32 id, uint256 until);
    /// @notice The last state has more fuel than the job's limit, or room for more output than any job.
    error NotAnEnd(uint64 fuelLeft, uint256 outputMax);
    /// @notice Sections of 32^`level` steps are more than any run with the contested fuel needs: 32^`most` are enough.
    error TooManySteps(bytes32 id, uint8 level, uint256 most);
    /// @notice A split has 32 sections.
    error NoSuchSection(uint256 index);
    /// @notice A mover contests the end of the section that it picks, so its own is another.
    error SameEnd(bytes32 end);
    /// @notice Sections are single steps: `prove`.
    error SingleSteps(bytes32 id);
    /// @notice Sections are more than single steps: `split`.
    error NotSingleSteps(bytes32 id, uint8 level);
    /// @notice The step is right. Its poster is not to blame for it.
    error RightStep(bytes32 from, bytes32 to);

    /// @notice The machine whose steps count, fixed at deployment.
    function machine() external view returns (IMachine);

    /// @notice Hash of a running game and what stands contested in it; 0 where there is none.
    /// @param id of receiver and case: keccak256(abi.encode(receiver, caseId))
    function gameOf(bytes32 id) external view returns (bytes32);

    /// @notice The provider's first move: shows how the run begins and how it ends, and posts 31 states between.
    /// @dev What is shown must be the contested job and a state that ended with the contested status, fuel and output:
    ///      the Computation derived from it is in the game's hash. The provider says how many
    ///      steps a section has, since it knows how many its run took: too few, and its end is not the run's; no more
    ///      than a run with that fuel can take.
    function defend(Game calldata game, Defence calldata defence) external;

    /// @notice Picks a section of the other side's split and splits it. Whose turn it is only.
    /// @dev A section that ends where it begins is like any other: a halted state is its own successor, and so is one
    ///      that branches to itself; whether this one is shows at a single step.
    /// @param section the first one whose end is wrong
    /// @param ends states after each 32nd of it; the last is the section's true end
    function split(Game calldata game, Section calldata section, bytes32[32] calldata ends) external;

    /// @notice Shows that a single step of the split is wrong: its poster loses. Anyone, as long as the game goes on;
    ///         no clock stops a proof.
    /// @param witness of the state before the step
    function prove(
        Game calldata game,
        Section calldata section,
        address receiver,
        bytes32 caseId,
        bytes calldata witness
    ) external;

    /// @notice The side to move loses, for its clock ran out. Anyone. From ruleBy on the receiver takes no verdict, and
    ///         the call reverts with the receiver's reason; the receiver then ends its case by itself.
    /// @param contested root of the newest split's sections; before the defence, the hash of the Computation
    function timeout(Game calldata game, bytes32 contested, address receiver, bytes32 caseId) external;
}
