/** A game as calls bring it along, and its state's word, as `Game.sol` has them. */
import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem'

/** In the order of the contract's enum. */
export const SIDES = ['provider', 'challenger'] as const
export type Side = (typeof SIDES)[number]

export const otherSide = (side: Side): Side => (side === 'provider' ? 'challenger' : 'provider')

/** What a call of the scheme brings along. */
export interface Game {
  /** Of receiver and case. */
  readonly id: Hex
  readonly challenger: Address
  readonly provider: Address
  /** May move for the provider. */
  readonly providerKey: Address
  /** One word: `unpackGame`. */
  readonly state: bigint
}

/** How a game stands. */
export interface GameState {
  /** Number of the step with which the newest split begins. */
  readonly firstStep: bigint
  /** Each section of the split is 32^level steps. */
  readonly level: number
  /** Who has to move; the other one posted the split. */
  readonly turn: Side
  /** Seconds left when the turn began. */
  readonly providerClock: bigint
  readonly challengerClock: bigint
  /** Seconds that a move adds. */
  readonly extension: bigint
  /** Unix seconds: when the turn began. */
  readonly movedAt: bigint
}

/** From the lowest bit upwards. */
const FIELDS = [
  ['firstStep', 72n],
  ['level', 8n],
  ['turn', 8n],
  ['providerClock', 40n],
  ['challengerClock', 40n],
  ['extension', 40n],
  ['movedAt', 40n],
] as const satisfies [keyof GameState, bigint][]

export function packGame(state: GameState): bigint {
  const numbers = { ...state, level: BigInt(state.level), turn: BigInt(SIDES.indexOf(state.turn)) }
  let word = 0n
  let shift = 0n
  for (const [field, bits] of FIELDS) {
    const value = numbers[field]
    if (value < 0n || value >> bits) throw new RangeError(`${field} ${value} does not fit ${bits} bits.`)
    word |= value << shift
    shift += bits
  }
  return word
}

export function unpackGame(word: bigint): GameState {
  const numbers: Partial<Record<keyof GameState, bigint>> = {}
  let rest = word
  for (const [field, bits] of FIELDS) {
    numbers[field] = BigInt.asUintN(Number(bits), rest)
    rest >>= bits
  }
  const { level, turn, ...others } = numbers as Record<keyof GameState, bigint>
  return { ...others, level: Number(level), turn: SIDES[Number(turn)]! }
}

/** A game's name: two receivers' cases of one id are two games. */
export function gameIdOf(receiver: Address, caseId: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [receiver, caseId]))
}

/** Unix seconds: from then on the side to move has lost, if somebody says so. */
export function deadlineOf(
  state: Pick<GameState, 'turn' | 'movedAt' | 'providerClock' | 'challengerClock'>,
): bigint {
  return state.movedAt + (state.turn === 'provider' ? state.providerClock : state.challengerClock)
}
