import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Game, World } from '../../test/gameModel.ts'
import { type DisputeGame, disputeGameSchema } from '../api/dispute.ts'
import { computationHash } from './computation.ts'
import { decide } from './decide.ts'
import { contestedOf } from './gameMoves.ts'
import { rootOf } from './split.ts'
import { foldGame, type GameView, gameOf } from './view.ts'

const NOW = 1_000_000n

/** A liar's game to its end. */
async function played() {
  const world = new World()
  const lie = { steps: 5_000n, wrongFrom: 77n, lie: 'lie' }
  const game = new Game(world, lie, { providerClock: 400n, challengerClock: 100n, extension: 5n }, NOW)
  const tracers = { provider: world.tracerOf(lie), challenger: world.tracerOf({ steps: lie.steps }) }
  for (let now = NOW; !game.loser; now += 10n) {
    const { turn } = game.view
    game.play(turn, await decide(game.view, turn, tracers[turn], now), now)
  }
  return game.logs
}

describe('foldGame', () => {
  it('tells how a game stands after each of its events', async () => {
    const logs = await played()
    const views = logs.map((_, i) => foldGame(logs.slice(0, i + 1))!)
    expect(
      views.map(({ state, turn, level, deadline }) => `${state} ${turn} ${level} ${deadline - NOW}`),
    ).toEqual([
      'defend provider 3 400',
      'split challenger 2 100',
      'split provider 1 415',
      'prove challenger 0 115',
      'ended challenger 0 115',
    ])
    expect(views.at(-1)).toMatchObject({ loser: 'provider', proven: true })
    expect(
      views.at(-1)!.moves.map(({ by, kind, level, block }) => `${by} ${kind} ${level} ${block}`),
    ).toEqual(['provider defend 2 1', 'challenger split 1 2', 'provider split 0 3', 'challenger prove 0 4'])
    expect(views.map(contestedOf)[0]).toBe(computationHash(views[0]!.contested))
    expect(contestedOf(views[2]!)).toBe(rootOf({ start: views[2]!.start!, ends: views[2]!.ends! }))
  })

  it('goes on from where it was', async () => {
    const logs = await played()
    for (let cut = 0; cut <= logs.length; cut++) {
      expect(foldGame(logs.slice(cut), foldGame(logs.slice(0, cut)))).toEqual(foldGame(logs))
    }
    expect(foldGame([])).toBeUndefined()
  })

  it('takes integers as numbers and addresses of any case, and gives back what calls bring along', async () => {
    const [opened] = await played()
    const args = opened!.args as { game: { challenger: string }; ruleBy: bigint }
    const game = { ...args.game, challenger: `0x${args.game.challenger.slice(2).toUpperCase()}` }
    const view = foldGame([{ ...opened!, args: { ...args, game, ruleBy: Number(args.ruleBy) } }])!
    expect(view).toEqual(foldGame([opened!]))
    expect(gameOf(view)).toEqual(args.game)
  })

  it('is what the API tells of a dispute', async () => {
    const view: GameView = foldGame(await played())!
    const told: DisputeGame = view
    const wire = JSON.parse(JSON.stringify(z.encode(disputeGameSchema, told)))
    const read: GameView = disputeGameSchema.parse(wire)
    expect(read).toEqual(view)
  })
})
