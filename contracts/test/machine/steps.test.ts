// Steps on chain against the reference: random states of every instruction, spoilt witnesses, a whole run.
import { expect } from 'chai'
import { keccak256 } from '../../../machine/src/io/hash.ts'
import { instructionOf } from '../../../machine/src/isa/encoding.ts'
import { OPCODE } from '../../../machine/src/isa/opcode.gen.ts'
import { verifyStep } from '../../../machine/src/step/verify.ts'
import { MalformedWitnessError } from '../../../machine/src/step/witness.ts'
import { RANDOM_OPCODES, type RandomStep, randomStep } from '../../../machine/src/testing/randomStates.ts'
import { random } from '../support/random.ts'
import { type Answer, deployMachine, hex, MALFORMED } from './support/chain.ts'
import { spoil } from './support/spoil.ts'

const DEEP = process.env.MILLRACE_DEEP !== undefined
/** Where the code's opening has its mask in a witness: behind three words and the leaf. */
const CODE_MASK = 4 * 32
/** States of each instruction that computes, and of each that can trap or go on in many ways. */
const STATES = DEEP ? [1_000, 4_000] : [4, 24]
/** Spoilt witnesses of each. */
const SPOILT = DEEP ? 200 : 4

describe('steps on chain', () => {
  const draw = random()
  let chain: Awaited<ReturnType<typeof deployMachine>>

  before(async () => {
    chain = await deployMachine()
  })

  const drawStep = (opcode?: number) => randomStep(Number(draw.bits(32)), opcode)

  it('are the reference’s from random states of every instruction, and never revert', async () => {
    const ended = new Set<number>()
    for (const opcode of RANDOM_OPCODES) {
      const [few, many] = STATES as [number, number]
      const computes = /integer|float/.test(instructionOf(opcode)?.class ?? '')
      const steps = Array.from({ length: computes ? few : many }, () => drawStep(opcode))
      const answers = await chain.step(steps)
      for (const [i, { next }] of answers.entries()) {
        const one = steps[i]!
        if (next !== hex(one.next)) expect.fail(`${told(one)}: ${next}, by the reference ${hex(one.next)}`)
        ended.add(one.registers.status)
      }
    }
    expect([...ended], 'some of each end').to.include.members([0, 1, 2, 3, 4, 5])
  }).timeout(DEEP ? 0 : 60_000)

  it('are the reference’s or none from spoilt witnesses, and never others', async () => {
    const good = Array.from({ length: DEEP ? 2_000 : 200 }, () => drawStep())
    let refused = 0
    for (const one of good) {
      const questions = Array.from({ length: SPOILT }, () => ({
        state: one.state,
        witness: spoil(one.witness, draw),
      }))
      const answers = await chain.step(questions)
      for (const [i, { next }] of answers.entries()) {
        const { witness } = questions[i]!
        expect(next, `${told(one)}, witness ${hex(witness)}`).to.equal(byReference(one.state, witness))
        if (next === MALFORMED) refused++
        else expect(next, `${told(one)}, witness ${hex(witness)}`).to.equal(hex(one.next))
      }
    }
    expect(refused).to.be.above((good.length * SPOILT) / 2)
  }).timeout(DEEP ? 0 : 60_000)

  it('are refused for another state, for no witness, and for a mask with a bit beyond the tree', async () => {
    const one = randomStep(1, OPCODE.br)
    const masked = one.witness.slice()
    masked[CODE_MASK]! |= 0x80
    const questions = [
      one,
      { state: keccak256(one.state), witness: one.witness },
      { state: one.state, witness: new Uint8Array() },
      { state: one.state, witness: masked },
    ]
    const answers = await chain.step(questions)
    expect(answers.map(({ next }: Answer) => next)).to.deep.equal([
      hex(one.next),
      MALFORMED,
      MALFORMED,
      MALFORMED,
    ])
  })

  function told({ name, seed }: RandomStep): string {
    return `${name} of seed ${seed} (FUZZ_SEED=${draw.seed})`
  }
})

function byReference(state: Uint8Array, witness: Uint8Array): string {
  try {
    return hex(verifyStep(state, witness))
  } catch (error) {
    if (error instanceof MalformedWitnessError) return MALFORMED
    throw error
  }
}
