/** A game as everybody can read it in the scheme's events. Pure. */
import type { Address, Hex } from 'viem'
import type { Computation } from './computation.ts'
import {
  deadlineOf,
  type Game,
  type GameState,
  otherSide,
  packGame,
  SIDES,
  type Side,
  unpackGame,
} from './game.ts'

export type MoveKind = 'defend' | 'split' | 'prove' | 'timeout'

export interface GameMove {
  /** Who made it; of a proof or a time-out the winner, though anybody may have sent it. */
  readonly by: Side
  readonly kind: MoveKind
  readonly tx: Hex
  readonly block: bigint
  /** Each section of the split that it left, or that it was about, is 32^level steps. */
  readonly level: number
}

/** What is to be done next: `defend` by the provider, `split` or `prove` by whose turn it is. */
export type GamePhase = 'defend' | 'split' | 'prove' | 'ended'

export interface GameView extends GameState {
  readonly caseId: Hex
  /** Of receiver and case. */
  readonly id: Hex
  readonly receiver: Address
  readonly challenger: Address
  readonly provider: Address
  readonly providerKey: Address
  readonly contested: Computation
  /** Unix seconds: from then on no verdict counts. */
  readonly ruleBy: bigint
  /** Unix seconds: from then on the side to move can be timed out. */
  readonly deadline: bigint
  /** State before the newest split's first section; absent until the provider defended. */
  readonly start?: Hex
  /** States after each of its sections. */
  readonly ends?: Hex[]
  readonly moves: GameMove[]
  readonly state: GamePhase
  readonly loser?: Side
  /** Whether a proof ended it; else the loser's clock did. */
  readonly proven?: boolean
}

/** An event of the scheme, as viem decodes it. Integers may be numbers or bigint, addresses of any case. */
export interface GameLog {
  readonly eventName: string
  readonly args: unknown
  readonly transactionHash: Hex | null
  readonly blockNumber: bigint | null
}

interface OpenedArgs {
  receiver: Address
  caseId: Hex
  game: Game
  contested: { [K in keyof Computation]: Computation[K] | bigint | number }
  ruleBy: number | bigint
}

interface SplitArgs {
  id: Hex
  game: Game
  start: Hex
  ends: readonly Hex[]
}

interface EndedArgs {
  loser: number | bigint
  proven: boolean
}

/**
 * How a game stands after its events, oldest first.
 *
 * @param from how it stood before them
 * @returns undefined where none of them opens it
 */
export function foldGame(logs: readonly GameLog[], from?: GameView): GameView | undefined {
  let view = from
  for (const log of logs) view = fold(view, log)
  return view
}

function fold(view: GameView | undefined, log: GameLog): GameView | undefined {
  if (log.eventName === 'GameOpened') return opened(log.args as OpenedArgs)
  if (!view) return undefined
  if (log.eventName === 'Split') return split(view, log)
  if (log.eventName === 'GameEnded') return ended(view, log)
  return view
}

function opened({ receiver, caseId, game, contested, ruleBy }: OpenedArgs): GameView {
  const { programRoot, input, fuel, outputMax, status, fuelUsed, output } = contested
  return {
    ...standing(game),
    caseId,
    id: game.id,
    receiver: lower(receiver),
    challenger: lower(game.challenger),
    provider: lower(game.provider),
    providerKey: lower(game.providerKey),
    contested: {
      programRoot: programRoot as Hex,
      input: input as Hex,
      fuel: BigInt(fuel),
      outputMax: Number(outputMax),
      status: Number(status),
      fuelUsed: BigInt(fuelUsed),
      output: output as Hex,
    },
    ruleBy: BigInt(ruleBy),
    moves: [],
    state: 'defend',
  }
}

function split(view: GameView, log: GameLog): GameView {
  const { game, start, ends } = log.args as SplitArgs
  const state = standing(game)
  const kind = view.state === 'defend' ? 'defend' : 'split'
  return {
    ...view,
    ...state,
    start,
    ends: [...ends],
    state: state.level === 0 ? 'prove' : 'split',
    moves: [...view.moves, moveOf(log, otherSide(state.turn), kind, state.level)],
  }
}

function ended(view: GameView, log: GameLog): GameView {
  const { loser: index, proven } = log.args as EndedArgs
  const loser = SIDES[Number(index)]!
  const move = moveOf(log, otherSide(loser), proven ? 'prove' : 'timeout', view.level)
  return { ...view, state: 'ended', loser, proven, moves: [...view.moves, move] }
}

function moveOf(log: GameLog, by: Side, kind: MoveKind, level: number): GameMove {
  return { by, kind, tx: log.transactionHash!, block: log.blockNumber!, level }
}

function standing(game: Game): GameState & { deadline: bigint } {
  const state = unpackGame(BigInt(game.state))
  return { ...state, deadline: deadlineOf(state) }
}

/** What a call brings along of the game as it stands. */
export function gameOf(view: GameView): Game {
  const { id, challenger, provider, providerKey } = view
  return { id, challenger, provider, providerKey, state: packGame(view) }
}

const lower = (address: Address): Address => address.toLowerCase() as Address
