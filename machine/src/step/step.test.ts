import { expect, it } from 'vitest'
import { toHex } from '../io/hash.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { Dice } from '../random/dice.ts'
import { dataCommitment, hashOfState } from '../state/registers.ts'
import { RANDOM_OPCODES, type RandomStep, randomStep } from '../testing/randomStates.ts'
import { HANDLERS } from './step.ts'
import { verifyStep } from './verify.ts'
import { MalformedWitnessError } from './witness.ts'

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))
const STATES = process.env.MILLRACE_DEEP ? 200 : 6
const MUTATIONS = 4

/** The same for each test, made anew each time: their trees are large. */
function* randomSteps(): Generator<RandomStep> {
  const dice = new Dice(seed)
  for (const opcode of RANDOM_OPCODES) {
    for (let i = 0; i < STATES; i++) yield randomStep(dice.below(2 ** 32), opcode)
  }
}

const called = ({ name, seed, opcode }: RandomStep) => `${name}, randomStep(${seed}, ${opcode})`

/** The hash of a proven state, with another status or as it is. */
function hashBefore({ before }: RandomStep, status = before.registers.status): string {
  const { code, stack, memory, slots, output, input, registers } = before
  const roots = {
    code: code.root,
    stack: stack.root,
    memory: memory.root,
    slots: slots.root,
    output: output.root,
    input: dataCommitment(input.length, input.tree.root),
  }
  return toHex(hashOfState({ ...registers, status }, roots))
}

it('has a handler for each instruction, and none besides', () => {
  expect(Object.keys(HANDLERS).sort()).toEqual(INSTRUCTIONS.map(({ name }) => name).sort())
})

it(`is checked from the witness as it was proven, in any state (seed ${seed})`, () => {
  for (const proven of randomSteps()) {
    expect(toHex(proven.state), called(proven)).toBe(hashBefore(proven))
    expect(toHex(verifyStep(proven.state, proven.witness)), called(proven)).toBe(toHex(proven.next))
  }
})

it(`changes the status alone where it traps, and nothing where it is over (seed ${seed})`, () => {
  let traps = 0
  let others = 0
  for (const proven of randomSteps()) {
    const { registers, before } = proven
    const { status } = before.registers
    if (status !== 0) {
      expect(toHex(proven.next), called(proven)).toBe(toHex(proven.state))
    } else if (registers.status !== 0) {
      const { stop } = before.registers
      const trap = stop === 2 ? 3 : stop === 3 ? 4 : 2
      expect(proven.name === 'halt' ? [1, trap] : [5, trap]).toContain(registers.status)
      expect(toHex(proven.next), called(proven)).toBe(hashBefore(proven, registers.status))
      traps++
    } else {
      others++
    }
  }
  // The states are worth their while: both happen often.
  expect(Math.min(traps, others)).toBeGreaterThan((RANDOM_OPCODES.length * STATES) / 20)
})

it(`refuses changed witnesses: another next state comes of none (seed ${seed})`, () => {
  const dice = new Dice(seed)
  let refused = 0
  let all = 0
  for (const proven of randomSteps()) {
    for (let i = 0; i < MUTATIONS; i++) {
      const [what, witness] = mutate(dice, proven.witness)
      all++
      try {
        const next = verifyStep(proven.state, witness)
        expect(toHex(next), `${called(proven)}, ${what}`).toBe(toHex(proven.next))
      } catch (error) {
        if (!(error instanceof MalformedWitnessError)) throw error
        refused++
      }
    }
  }
  expect(refused).toBe(all)
})

it('refuses a witness of another state', () => {
  const [one, other] = [randomStep(1), randomStep(2)]
  expect(() => verifyStep(one.state, other.witness)).toThrow(MalformedWitnessError)
})

it('takes a sibling that is zero and sent nevertheless', () => {
  // Its own successor but for the code leaf: 96 bytes, then the leaf and the mask.
  const proven = findStep((step) => step.name === 'br' && step.registers.status === 0 && maskOf(step) === 0)
  const { witness } = proven
  const longer = new Uint8Array(witness.length + 32)
  longer.set(witness.subarray(0, MASK_END))
  longer[MASK_END - 1] = 1
  longer.set(witness.subarray(MASK_END), MASK_END + 32)
  expect(toHex(verifyStep(proven.state, longer))).toBe(toHex(proven.next))
})

const MASK_END = 96 + 32 + 4

function maskOf({ witness }: RandomStep): number {
  return new DataView(witness.buffer).getUint32(MASK_END - 4)
}

function findStep(fits: (step: RandomStep) => boolean): RandomStep {
  for (let seed = 0; seed < 1_000; seed++) {
    const step = randomStep(seed, 0x0c)
    if (fits(step)) return step
  }
  throw new Error('no such step')
}

function mutate(dice: Dice, witness: Uint8Array): [string, Uint8Array] {
  const at = dice.below(witness.length)
  switch (dice.below(6)) {
    case 0:
      return [`cut at ${at}`, witness.slice(0, at)]
    case 1: {
      const more = dice.pick([1, 4, 32])
      const longer = new Uint8Array(witness.length + more)
      longer.set(witness)
      return [`${more} more`, longer]
    }
    case 2: {
      const word = 4 * Math.floor(at / 4)
      const without = Uint8Array.from([...witness.subarray(0, word), ...witness.subarray(word + 32)])
      return [`a word left out at ${word}`, without]
    }
    default: {
      const flipped = witness.slice()
      flipped[at]! ^= 1 << dice.below(8)
      return [`a bit flipped at ${at}`, flipped]
    }
  }
}
