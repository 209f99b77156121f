import type { GameView } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { describeMoves, describeStanding, type ShownGame } from './game.ts'

const tx = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const opened = {
  level: 4,
  firstStep: 0n,
  turn: 'provider',
  ...{ providerClock: 160n, challengerClock: 160n, extension: 32n, movedAt: 1_000n, deadline: 1_160n },
  ...{ ruleBy: 2_024n, moves: [], state: 'defend' },
} as unknown as GameView
const move = (
  n: number,
  by: 'provider' | 'challenger',
  kind: 'defend' | 'split' | 'prove',
  level: number,
) => ({
  ...{ by, kind, level, tx: tx(n), block: BigInt(n) },
})
const shown = (change: Partial<GameView>, picked?: number): ShownGame => ({
  view: { ...opened, ...change },
  gas: new Map([[tx(1), 76_543n]]),
  picked,
  isLeft: false,
  now: 1_060n,
})

describe('a game', () => {
  it('is about the whole run before the defence', () => {
    expect(describeMoves(shown({}))).toEqual([])
    const lines = describeStanding(shown({}))
    expect(lines[0]).toBe('disputed            the whole run, of at most 1,048,576 steps')
    expect(lines.find((line) => line.startsWith('provider'))).toContain('1 min 40 s are left')
  })

  it('shows in each split where the next one went', () => {
    const moves = [move(1, 'provider', 'defend', 3), move(2, 'challenger', 'split', 2)]
    const firstStep = 5n * 32n ** 3n
    const game = shown({ moves, firstStep, level: 2, state: 'split' })
    expect(describeMoves(game)).toEqual([
      'move  by          of       sections of   where they differ                 gas     transaction',
      '1     provider    defence  32,768 steps  ·····█··························  76,543  0x00000000…0001',
      '2     challenger  split    1,024 steps   ································          0x00000000…0002',
    ])
    expect(describeStanding(game)[0]).toContain('steps 163,840 to 196,607: 32,768 of them')
  })

  it('says of a clock that ran out what follows', () => {
    const game = shown({ deadline: 1_000n, turn: 'challenger', moves: [move(1, 'provider', 'defend', 3)] })
    expect(describeStanding(game).join('\n')).toMatch(
      /challenger’s clock +out for 1 min: .* the provider wins/,
    )
  })

  it('has no clocks and nobody’s turn once its case is settled otherwise', () => {
    const game = shown({ moves: [move(1, 'provider', 'defend', 3)] })
    expect(describeStanding({ ...game, isLeft: true }).slice(1)).toEqual([
      'ended     with the case, before either side won',
    ])
  })

  it('names the step and the winner at the end', () => {
    const moves = [move(1, 'provider', 'defend', 0), move(2, 'challenger', 'prove', 0)]
    const game = shown({ moves, level: 0, state: 'ended', loser: 'provider', proven: true }, 31)
    expect(describeStanding(game)).toEqual([
      'disputed  step 31',
      'ended     the challenger won: a step of the provider is proven wrong',
    ])
    expect(describeMoves(game)[1]).toContain('·█  76,543')
  })
})
