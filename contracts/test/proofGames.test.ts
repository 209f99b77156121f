// Whole proof games over a machine that counts, with liars of every manner on either side.
import { expect } from 'chai'
import { id, ZeroHash } from 'ethers'
import type { Hex } from 'viem'
import { countingMachine, countingRun } from './support/countingRuns.ts'
import { CLEAN, type Court, deployCourt, GUILTY, type Player } from './support/proofGames.ts'
import { random } from './support/random.ts'

describe('whole games of proof', () => {
  let court: Court

  before(async () => {
    court = await deployCourt(countingMachine)
  })

  const { below, hex, seed } = random()

  /** Tells another story at every third step, always the same one. */
  const spotty = (by: ReturnType<typeof countingRun>, steps: bigint): Player => ({
    witness: by.witness,
    run: {
      statesAt: async (all) =>
        all.map((step) =>
          step < steps && BigInt(id(`${step}`)) % 3n === 0n ? (id(`lie ${step}`) as Hex) : by.hashAt(step),
        ),
    },
  })
  /** Tells another one whenever it is asked. */
  const fickle = (): Player => ({
    witness: () => '0x',
    run: { statesAt: async (all) => all.map(() => hex(32) as Hex) },
  })
  const playerOf = ({ run, witness }: ReturnType<typeof countingRun>): Player => ({ run, witness })

  for (const power of [30n, 40n]) {
    const steps = 2n ** power - 2_048n
    const truth = countingRun(steps)
    const honest = playerOf(truth)
    const liars = (end: ReturnType<typeof countingRun>): [string, Player][] => [
      ['one wrong step', playerOf(end)],
      ['a wrong step at every third place', spotty(end, steps)],
      ['another story each time', fickle()],
    ]

    it(`over 2^${power} steps the honest side wins (seed ${seed})`, async () => {
      expect(32n ** BigInt(truth.level)).to.equal(2n ** power)
      for (const wrongAfter of [0n, below(steps), steps - 1n]) {
        const lie = countingRun(steps, wrongAfter)
        for (const [name, liar] of liars(lie)) {
          const what = `${name} from ${wrongAfter}`
          // Its defence ends as its result says, whatever it tells between.
          const guilty = await court.play(lie.contested, await lie.defence(), {
            provider: liar,
            challenger: honest,
          })
          expect([guilty.verdict, guilty.kept], `provider: ${what}`).to.deep.equal([GUILTY, ZeroHash])
          const clean = await court.play(truth.contested, await truth.defence(), {
            provider: honest,
            challenger: liar,
          })
          expect([clean.verdict, clean.kept], `challenger: ${what}`).to.deep.equal([CLEAN, ZeroHash])
          for (const game of [guilty, clean]) {
            expect(Math.max(...Object.values(game.moves)), what).to.be.at.most(5)
            expect(game.left > 0n, what).to.equal(true)
          }
        }
      }
    })

    it(`over 2^${power} steps a provider that names too few loses`, async () => {
      const long = playerOf(truth)
      // Its result is right, and its run is not over where it says.
      const defence = { ...(await truth.defence()), level: truth.level - 2 }
      const { verdict } = await court.play(truth.contested, defence, {
        provider: long,
        challenger: long,
      })
      expect(verdict).to.equal(GUILTY)
    })

    it(`over 2^${power} steps two liars end it, too`, async () => {
      const wrong = below(steps / 2n)
      const early = countingRun(steps, wrong)
      const late = countingRun(steps, wrong + steps / 3n)
      const first = await court.play(early.contested, await early.defence(), {
        provider: playerOf(early),
        challenger: spotty(truth, steps),
      })
      const second = await court.play(late.contested, await late.defence(), {
        provider: playerOf(late),
        challenger: playerOf(early),
      })
      expect([GUILTY, CLEAN]).to.include(first.verdict)
      expect([GUILTY, CLEAN]).to.include(second.verdict)
    })
  }
})
