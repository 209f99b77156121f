// A proof game over a real program, on the real machine: whoever tells a wrong step loses.
import { expect } from 'chai'
import type { Contract } from 'ethers'
import { wat } from '../../../machine/src/testing/wat.ts'
import { CLEAN, type Court, deployCourt, GUILTY } from '../support/proofGames.ts'
import { realProgram } from '../support/proofRuns.ts'
import { random } from '../support/random.ts'
import { compare, expectClose } from '../support/snapshot.ts'

/** Fills a page with a linear recurrence, over and over. */
const MODULE = wat(`(module (memory 1)
  (func (export "_start") (local $i i32) (local $x i64)
    (loop $next
      (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (i64.store (i32.and (i32.mul (local.get $i) (i32.const 8)) (i32.const 0xfff8)) (local.get $x))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000))))))`)

describe('a proof game over a real program', () => {
  const draw = random()
  const { runOf, steps } = realProgram(MODULE, { fuel: 10_000_000n, outputMax: 1_000 })
  const honest = runOf()
  let court: Court

  before(async () => {
    court = await deployCourt(
      async (ethers) => (await ethers.deployContract('Machine')) as unknown as Contract,
    )
  })

  it(`makes a provider guilty that claims bytes nobody wrote, and no other (seed ${draw.seed})`, async () => {
    const gas: Record<string, number> = {}
    const most = steps()
    expect(most > 300_000n).to.equal(true)
    const drawn = draw.below(most)
    for (const step of [0n, drawn, most - 1n]) {
      const liar = runOf({ step, output: 8n })
      expect(liar.contested.output).to.not.equal(honest.contested.output)
      const guilty = await court.play(liar.contested, liar.defence, {
        provider: liar,
        challenger: honest,
      })
      expect(guilty.verdict, `provider, step ${step}`).to.equal(GUILTY)
      const clean = await court.play(honest.contested, honest.defence, {
        provider: honest,
        challenger: liar,
      })
      expect(clean.verdict, `challenger, step ${step}`).to.equal(CLEAN)
      expect(Math.max(...Object.values(guilty.moves), ...Object.values(clean.moves))).to.be.at.most(5)
      for (const game of [guilty, clean]) {
        const [defend, ...rest] = game.gas
        gas.defend = Math.max(gas.defend ?? 0, defend!)
        gas['split, most'] = Math.max(gas['split, most'] ?? 0, ...rest.slice(0, -1))
        const last = game.how === 'proof' ? 'prove, most' : 'timeout'
        // What a proof takes is the step's, and of the drawn one no figure to keep.
        if (step !== drawn) gas[last] = Math.max(gas[last] ?? 0, rest.at(-1)!)
        expect(game.gas.reduce((sum, each) => sum + each)).to.be.below(1_000_000)
      }
    }
    await compare('proofReal', gas, expectClose)
  })
})
