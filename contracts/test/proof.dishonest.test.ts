// Games over real programs on the real machine, one side of which runs a machine that is dishonest at one kind of field,
// from a step drawn at random on. And an honest provider against challengers that guess, wait or never move.
import { expect } from 'chai'
import type { Contract } from 'ethers'
import { commit } from '../../machine/src/io/commitment.ts'
import { TRACED, TRACED_INPUT } from '../../machine/src/testing/tracedProgram.ts'
import { type Outcome, TAMPER_FIELDS, type Tamper, type TamperField } from '../../machine/src/trace/tamper.ts'
import { Trace } from '../../machine/src/trace/trace.ts'
import { type Computation, cameOut, type Defence, defenceOf } from '../../sdk/src/proof/computation.ts'
import { deadlineOf, type Side, unpackGame } from '../../sdk/src/proof/game.ts'
import { localTracer } from '../../sdk/src/proof/localTracer.ts'
import { firstLevelOf, gridOf, levelOf, SECTIONS } from '../../sdk/src/proof/split.ts'
import type { Ending, Tracer } from '../../sdk/src/proof/tracer.ts'
import { CLEAN, type Court, deployCourt, GUILTY, type Player, playOut } from './support/proofGames.ts'
import { random } from './support/random.ts'

const DEEP = process.env.MILLRACE_DEEP !== undefined
/** Of each kind of field, on either side by turns. */
const GAMES = DEEP ? 20 : 2
/** Of each kind of challenger. */
const BOUTS = DEEP ? 50 : 5

const MOST_MS = DEEP ? 0 : 300_000

const LIMITS = { fuel: 10_000_000n, outputMax: 4_096 }
const INPUT = TRACED_INPUT

/** A side with all that it says. */
interface Party extends Player {
  readonly ending: Ending
  readonly contested: Computation
  readonly defence: () => Promise<Defence>
}

async function partyOf(tamper?: Tamper): Promise<Party> {
  const run: Tracer = await localTracer({
    program: TRACED,
    input: INPUT,
    ...LIMITS,
    ...(tamper && { tamper }),
  })
  const ending = await run.ending()
  const { programRoot, status, fuelUsed, output } = ending
  const contested = { programRoot, input: commit(INPUT), ...LIMITS, status, fuelUsed, output }
  const level = firstLevelOf(ending.steps, levelOf(fuelUsed) - 1)
  const defence = async () =>
    defenceOf(contested, ending, level, await run.statesAt(gridOf(level).slice(0, SECTIONS - 1)))
  const witness = async (step: bigint) => (await run.proveAt(step)).witness
  return { run, witness, ending, contested, defence }
}

/** A challenger that answers at its own time, given as seconds before its clock is out. */
interface Challenger {
  readonly player: Player
  readonly early?: (left: bigint) => bigint
}

describe('games of proof that a liar plays', () => {
  const draw = random()
  let court: Court
  let honest: Party
  let trace: Trace

  before(async () => {
    court = await deployCourt(
      async (ethers) => (await ethers.deployContract('Machine')) as unknown as Contract,
    )
    honest = await partyOf()
    trace = await Trace.open({ program: TRACED.canonical, input: INPUT, limits: LIMITS })
  })

  /** A dishonest machine whose result is wrong: nobody contests another. */
  async function drawLiar(field: TamperField): Promise<[Party, string]> {
    for (;;) {
      const tamper = { step: draw.below(honest.ending.steps) + 1n, field, seed: Number(draw.bits(31)) }
      const told = await trace.tryOut(tamper)
      if (!told || isTrue(told)) continue
      const liar = await partyOf(tamper)
      expect(cameOut(liar.ending, honest.contested)).to.equal(false)
      return [liar, `${field} after step ${tamper.step}, seed ${tamper.seed}, FUZZ_SEED=${draw.seed}`]
    }
  }

  function isTrue({ status, fuelUsed, output }: Outcome): boolean {
    const { contested } = honest
    const same = commit(output) === contested.output
    return same && status === contested.status && fuelUsed === contested.fuelUsed
  }

  for (const field of TAMPER_FIELDS) {
    it(`by a machine dishonest at the ${field}, on either side, the honest one wins (seed ${draw.seed})`, async () => {
      for (let i = 0; i < GAMES; i++) {
        const [liar, what] = await drawLiar(field)
        if (i % 2 === 0) {
          const sides = { provider: liar, challenger: honest }
          const guilty = await court.play(liar.contested, await liar.defence(), sides)
          expect(guilty.verdict, `provider: ${what}`).to.equal(GUILTY)
        } else {
          const sides = { provider: honest, challenger: liar }
          const clean = await court.play(honest.contested, await honest.defence(), sides)
          expect(clean.verdict, `challenger: ${what}`).to.equal(CLEAN)
        }
      }
    }).timeout(MOST_MS)
  }

  const anybody = async () => (await drawLiar(TAMPER_FIELDS[Number(draw.below(10n))]!))[0]
  const CHALLENGERS: Readonly<Record<string, () => Promise<Challenger>>> = {
    random: async () => ({
      player: { run: { statesAt: async (all) => all.map(() => draw.hex(32)) }, witness: () => draw.hex(900) },
    }),
    // Whoever finds nothing wrong has no move.
    silent: async () => ({ player: honest }),
    delaying: async () => ({ player: await anybody(), early: (left) => 1n + draw.below(left) }),
    'last-second': async () => ({ player: await anybody(), early: () => 1n }),
  }

  for (const [name, challengerOf] of Object.entries(CHALLENGERS)) {
    it(`against an honest provider no ${name} challenger wins (seed ${draw.seed})`, async () => {
      for (let i = 0; i < BOUTS; i++) {
        const { player, early } = await challengerOf()
        const { facts, ...opened } = await court.start(honest.contested)
        const { scheme, time } = court
        const slow = async (game: { state: bigint }, ...rest: unknown[]) => {
          const state = unpackGame(game.state)
          const left = deadlineOf(state) - BigInt(await time.latest()) - 1n
          if (early) await time.setNextBlockTimestamp(deadlineOf(state) - early(left))
          return court.by('challenger').split!(game, ...rest)
        }
        const by = (side: Side) =>
          side === 'provider' ? court.by(side) : ({ split: slow } as unknown as Contract)
        const sides = { provider: honest, challenger: player }
        const heard = [court.receiverAddress, facts.id] as const
        await playOut({ scheme, time, by }, opened, await honest.defence(), sides, heard)
        const verdict = await court.receiver.verdictOf!(facts.id)
        expect(verdict, `game ${i}, FUZZ_SEED=${draw.seed}`).to.equal(CLEAN)
      }
    }).timeout(MOST_MS)
  }
})
