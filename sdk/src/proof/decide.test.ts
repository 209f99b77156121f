/** Honest sides against whatever the other one may come up with, by the rules of the game alone. */
import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { hex } from '../../test/arbitrary.ts'
import { type Clocks, Game, type Run, World } from '../../test/gameModel.ts'
import { defenceOf } from './computation.ts'
import { decide, type GameAction } from './decide.ts'
import { otherSide, type Side } from './game.ts'
import { firstLevelOf, gridOf, SECTIONS, sectionOf } from './split.ts'
import type { GameView } from './view.ts'

const NOW = 1_000_000n
const CLOCKS: Clocks = { providerClock: 1_000n, challengerClock: 1_000n, extension: 40n }

/** What a side that is not honest does in its turns, drawn at random. */
interface Trick {
  /** Seconds that it takes; past its clock it is out. */
  wait: bigint
  /** tale: as its run says · noise: states that nobody has · mixed: true ones with some noise · late: the truth in part */
  does: 'tale' | 'noise' | 'mixed' | 'late' | 'nothing'
  index: number
  noise: readonly Hex[]
}

const anyTricks = fc.array(
  fc.record({
    wait: fc.oneof(fc.bigInt(0n, 60n), fc.constantFrom(999n, 1_000n, 1_001n)),
    does: fc.constantFrom('tale', 'tale', 'noise', 'mixed', 'late', 'nothing'),
    index: fc.nat(SECTIONS - 1),
    noise: fc.array(hex(32), { minLength: SECTIONS, maxLength: SECTIONS }),
  }),
  { minLength: 20, maxLength: 20 },
) as fc.Arbitrary<Trick[]>

/** Every other opponent plays its tale to the end, and in time. */
const tricks = fc.oneof(
  anyTricks,
  anyTricks.map((all) => all.map((one) => ({ ...one, does: 'tale' as const, wait: one.wait % 60n }))),
)

const runs = fc
  .tuple(fc.bigInt(1n, 32n ** 5n), fc.bigInt(0n, 32n ** 5n), fc.nat(3))
  .map(([steps, at, lie]) => ({ steps, wrongFrom: 1n + (at % steps), lie: `lie ${lie}` }))

/** A move of a side that is not honest; undefined where it makes none. */
async function trick(
  world: World,
  { view, side, run }: { view: GameView; side: Side; run: Run },
  { does, index, noise }: Trick,
  now: bigint,
): Promise<GameAction | undefined> {
  if (does === 'nothing') return undefined
  const tracer = world.tracerOf(run)
  const tale = await decide(view, side, tracer, now)
  if (does === 'tale') return tale
  const mixed = (states: readonly Hex[]) =>
    states.map((state, i) => (does === 'noise' || (i >= index && does === 'mixed') ? noise[i]! : state))
  if (view.state === 'defend') {
    const level = does === 'late' ? index % view.level : firstLevelOf(run.steps, view.level - 1)
    const states = mixed((await tracer.statesAt(gridOf(level))).slice(0, SECTIONS - 1))
    return {
      do: 'defend',
      defence: defenceOf(view.contested, await tracer.ending(), level, states),
    }
  }
  const section = sectionOf({ start: view.start!, ends: view.ends! }, index)
  if (view.state === 'prove') return { do: 'prove', section, step: 0n, witness: section.from }
  const step = view.firstStep + gridOf(view.level)[index]!
  const ends = mixed(await world.tracerOf({ steps: run.steps }).statesAt(gridOf(view.level - 1, step)))
  return { do: 'split', section, ends }
}

interface Sides {
  honest: Side
  /** What the result says that the provider signed, and what the side that is not honest plays. */
  claimed: Run
  played: Run
  /** Of the honest side, for each move. */
  pace: bigint
}

/** Plays until it is over; gives the loser. */
async function play({ honest, claimed, played, pace }: Sides, tricks: readonly Trick[]): Promise<Side> {
  const world = new World()
  const truth = world.tracerOf({ steps: claimed.steps })
  const game = new Game(world, claimed, CLOCKS, NOW)
  let now = NOW
  for (let turn = 0; !game.loser; turn++) {
    expect(turn).toBeLessThan(40)
    const { view } = game
    if (view.turn === honest) {
      now += pace
      const action = await decide(view, honest, truth, now)
      // Every move of an honest side is legal, and it has one in each of its turns.
      expect(['defend', 'split', 'prove']).toContain(action.do)
      game.play(honest, action, now)
      continue
    }
    const { wait, ...does } = tricks[turn % tricks.length]!
    const side = otherSide(honest)
    const then = now + wait
    const move = await trick(world, { view, side, run: played }, { wait, ...does }, then)
    try {
      if (!move) throw new Error('silent')
      game.play(side, move, then)
      now = then
    } catch {
      // No move, or one that the contract refuses: its clock runs on.
      now = view.deadline
      expect(await decide(view, honest, truth, now - 1n)).toMatchObject({ do: 'wait', until: now })
      game.play(honest, await decide(view, honest, truth, now), now)
    }
  }
  return game.loser
}

describe('an honest side', () => {
  const paces = fc.bigInt(0n, 60n)

  it('never loses as challenger of a wrong result', () =>
    fc.assert(
      fc.asyncProperty(runs, tricks, paces, async (lie, all, pace) => {
        const loser = await play({ honest: 'challenger', claimed: lie, played: lie, pace }, all)
        expect(loser).toBe('provider')
      }),
      { numRuns: 100 },
    ))

  it('never loses as provider of a right one', () =>
    fc.assert(
      fc.asyncProperty(runs, tricks, paces, async (lie, all, pace) => {
        const claimed = { steps: lie.steps }
        const loser = await play({ honest: 'provider', claimed, played: lie, pace }, all)
        expect(loser).toBe('challenger')
      }),
      { numRuns: 100 },
    ))
})

describe('decide', () => {
  const world = new World()
  const lie: Run = { steps: 5_000n, wrongFrom: 77n, lie: 'lie' }
  const truth = world.tracerOf({ steps: 5_000n })
  const tale = world.tracerOf(lie)
  const open = () => new Game(world, lie, CLOCKS, NOW)

  it('waits for the other side, and times it out to the second', async () => {
    const { view } = open()
    const until = NOW + CLOCKS.providerClock
    expect(await decide(view, 'challenger', truth, until - 1n)).toEqual({
      do: 'wait',
      until,
      why: 'their-turn',
    })
    expect(await decide(view, 'challenger', truth, until)).toEqual({ do: 'timeout' })
    expect(await decide(view, 'provider', tale, until)).toMatchObject({ do: 'wait', why: 'too-late' })
    expect(await decide(view, 'provider', tale, until - 1n)).toMatchObject({ do: 'defend' })
    expect(await decide(view, 'challenger', truth, view.ruleBy)).toEqual({ do: 'over' })
  })

  it('does not defend what its own run does not say', async () => {
    const { view } = open()
    expect(await decide(view, 'provider', truth, NOW)).toEqual({
      ...{ do: 'wait', until: view.deadline, why: 'not-this-result' },
    })
  })

  it('asks a run only when a move needs it', async () => {
    const never = { ...truth, statesAt: fail, ending: fail, proveAt: fail }
    expect(await decide(open().view, 'challenger', never, NOW)).toMatchObject({ do: 'wait' })
  })

  it('proves the wrong step when its clock is out too, as long as nobody has ended the game', async () => {
    const game = open()
    let now = NOW
    while (game.view.state !== 'prove') {
      const { turn } = game.view
      game.play(turn, await decide(game.view, turn, turn === 'provider' ? tale : truth, ++now), now)
    }
    const { view } = game
    expect(view.turn).toBe('challenger')
    const late = await decide(view, 'challenger', truth, view.deadline + 1n)
    expect(late).toMatchObject({ do: 'prove', step: lie.wrongFrom! - 1n })
    game.play('challenger', late, view.deadline + 1n)
    expect(game.view).toMatchObject({ state: 'ended', loser: 'provider', proven: true })
    expect(await decide(game.view, 'provider', tale, now)).toEqual({ do: 'over' })
  })

  it('has nothing to prove where its run is not true', async () => {
    const game = new Game(world, { steps: 5_000n }, CLOCKS, NOW)
    let now = NOW
    while (game.view.state !== 'prove') {
      const { turn } = game.view
      game.play(turn, await decide(game.view, turn, turn === 'provider' ? truth : tale, ++now), now)
    }
    expect(await decide(game.view, 'challenger', tale, now)).toMatchObject({
      do: 'wait',
      why: 'nothing-wrong',
    })
  })
})

function fail(): never {
  throw new Error('nobody asked for it')
}
