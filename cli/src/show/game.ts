/** A proof game as people read it: who says what, where they differ, whose turn it is, and for how long. */
import { type GameView, gridOf, otherSide, type Side, stepsOf } from '@millrace/sdk'
import type { Hex } from 'viem'
import { formatFuel } from '../format/formatFuel.ts'
import { formatDuration, formatMoment } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { pairs, shorten, table } from '../terminal/table.ts'
import { STATUS_WORDS } from './job.ts'

/** A result as somebody has it. */
export interface Claimed {
  readonly who: string
  readonly status: number
  readonly fuelUsed: bigint
  readonly output: Hex
}

/** A game with what is known beside it. */
export interface ShownGame {
  readonly view: GameView
  /** Of transactions. */
  readonly gas: ReadonlyMap<Hex, bigint>
  /** Section of the last split that was proven wrong, or that a run here shows to be. */
  readonly picked: number | undefined
  /** Whether the case ended though the game did not: the lease is settled, and nobody has to move. */
  readonly isLeft: boolean
  /** Unix seconds of the chain. */
  readonly now: bigint
}

const [HERE, THERE] = ['█', '·']
const count = (value: bigint | number): string => groupThousands(String(value))

/** Status, fuel and output, one line for each who says them. */
export function describeClaims(claims: readonly Claimed[]): string[] {
  return table([
    ['', 'the program', 'fuel used', 'output'],
    ...claims.map(({ who, status, fuelUsed, output }) => [
      who,
      STATUS_WORDS[status] ?? `status ${status}`,
      formatFuel(fuelUsed),
      output,
    ]),
  ])
}

/** The moves so far, each with a picture of its 32 sections: where the next move says that the first wrong one is. */
export function describeMoves({ view, gas, picked }: ShownGame): string[] {
  if (view.moves.length === 0) return []
  return table([
    ['move', 'by', 'of', 'sections of', 'where they differ', 'gas', 'transaction'],
    ...view.moves.map(({ by, kind, tx, level }, at) => {
      const splits = kind === 'defend' || kind === 'split'
      const used = gas.get(tx)
      return [
        `${at + 1}`,
        by,
        MOVES[kind],
        splits ? steps(stepsOf(level, 1)) : '',
        splits ? picture(level === view.level ? picked : pickedAt(view.firstStep, level)) : '',
        used === undefined ? '' : count(used),
        shorten(tx),
      ]
    }),
  ])
}

const MOVES = { defend: 'defence', split: 'split', prove: 'proof', timeout: 'end by the clock' } as const

/** What stands contested, whose turn it is, and how long it may take. */
export function describeStanding(game: ShownGame): string[] {
  const { view, isLeft, now } = game
  const { first, last } = disputedRange(game)
  const isOver = view.state === 'ended'
  const whole = view.moves.length === 0
  return pairs([
    [
      'disputed',
      whole
        ? `the whole run, of at most ${count(last)} steps`
        : last - first === 1n
          ? `step ${count(first)}`
          : `steps ${count(first)} to ${count(last - 1n)}: ${count(last - first)} of them`,
    ],
    [
      isOver || isLeft ? 'ended' : 'next',
      isLeft && !isOver ? 'with the case, before either side won' : nextOf(view),
    ],
    ...(isOver || isLeft ? [] : clocksOf(view, now)),
  ])
}

/** Steps on which the sides may differ: the first, and the first that is behind them. */
function disputedRange({ view, picked }: Pick<ShownGame, 'view' | 'picked'>): {
  first: bigint
  last: bigint
} {
  const { firstStep, level, moves } = view
  if (moves.length === 0) return { first: 0n, last: stepsOf(level, 1) }
  if (picked === undefined) return { first: firstStep, last: gridOf(level, firstStep).at(-1)! }
  const first = firstStep + stepsOf(level, picked)
  return { first, last: first + stepsOf(level, 1) }
}

function nextOf({ state, turn, loser, proven }: GameView): string {
  switch (state) {
    case 'defend':
      return 'the provider is to defend: to show how the run begins, how it ends, and 31 states between'
    case 'split':
      return `the ${turn} is to pick the first wrong section, and to split it`
    case 'prove':
      return `anybody may prove one of these steps wrong: the ${otherSide(turn)} loses; else the ${turn}’s clock decides`
    case 'ended': {
      const winner = otherSide(loser!)
      return `the ${winner} won: ${proven ? `a step of the ${loser} is proven wrong` : `the ${loser}’s clock ran out`}`
    }
  }
}

function clocksOf(view: GameView, now: bigint): [string, string][] {
  const { turn, deadline, extension, ruleBy } = view
  const other = otherSide(turn)
  const left = Number(deadline - now)
  const own =
    left > 0
      ? `${formatDuration(left)} are left, until ${formatMoment(Number(deadline), Number(now))}`
      : `out for ${formatDuration(-left)}: anyone may end the game, and the ${other} wins`
  const others = formatDuration(Number(clockOfSide(view, other)))
  return [
    [`${turn}’s clock`, own],
    [`${other}’s clock`, `${others}, stopped; a move adds ${formatDuration(Number(extension))}`],
    ['the case', `ends without a verdict at ${formatMoment(Number(ruleBy), Number(now))}`],
  ]
}

const clockOfSide = (view: GameView, side: Side): bigint =>
  side === 'provider' ? view.providerClock : view.challengerClock

/** Which section of the split at a level the game went into. */
function pickedAt(firstStep: bigint, level: number): number {
  return Number((firstStep / stepsOf(level, 1)) % 32n)
}

function picture(picked: number | undefined): string {
  return Array.from({ length: 32 }, (_, at) => (at === picked ? HERE : THERE)).join('')
}

const steps = (number: bigint): string => `${count(number)} ${number === 1n ? 'step' : 'steps'}`
