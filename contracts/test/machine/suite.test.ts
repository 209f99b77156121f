// Steps of the official suite's own calls on chain: each must lead to the state that the interpreter comes to.
import { expect } from 'chai'
import { instructionOf } from '../../../machine/src/isa/encoding.ts'
import { INSTRUCTIONS } from '../../../machine/src/isa/instructions.ts'
import type { MachineState } from '../../../machine/src/state/state.ts'
import { ProgramTrees, StateTrees } from '../../../machine/src/state/stateTrees.ts'
import { proveStep } from '../../../machine/src/step/prove.ts'
import { ReferenceMachine } from '../../../machine/src/step/referenceMachine.ts'
import type { SteppedProgram } from '../../../machine/src/testing/steppedProgram.ts'
import { emptyTally, runStepped } from '../../../machine/src/testing/steppedSuite.ts'
import { suiteFiles, suiteIsThere } from '../../../machine/src/testing/suite.ts'
import { deployMachine, hex, type Question } from './support/chain.ts'

const DEEP = process.env.MILLRACE_DEEP !== undefined

/** What calls are full of, whatever they are about. */
const PLUMBING = /^(local|const|register|return|enter|br$|call$|halt)/
/** Of a call in a deep run, the last ones that are no plumbing. The one that the assertion is about is among them. */
const STEPS_OF_CALL = 24
/** Steps of a call that are looked at: some are long loops. */
const MOST_STEPS = DEEP ? 100_000 : 500
/** In an ordinary run. Each instruction that the suite runs is in them, and each that it makes trap. */
const FILES = [
  ...['address', 'align', 'br_table', 'bulk', 'call', 'call_indirect', 'conversions', 'endianness', 'fac'],
  ...['f32', 'f32_bitwise', 'f32_cmp', 'f64', 'f64_bitwise', 'f64_cmp', 'float_misc', 'i32', 'i64'],
  ...['memory_grow', 'memory_init', 'memory_trap', 'ref_is_null', 'select', 'skip-stack-guard-page'],
  ...['table_copy', 'table_fill', 'table_get', 'table_grow', 'table_init', 'traps', 'unwind'],
]

/** Instructions that the suite runs, and again those that it makes trap. */
const KINDS = 246

/** None runs in the suite: they need an input, or write an output. */
const UNUSED = ['input.length', 'input.read', 'output.write']

interface Claim extends Question {
  readonly what: string
  readonly proven: string
  next: string
}

describe('the official suite on chain', () => {
  it('comes from step to step to where the interpreter does', async function () {
    if (!suiteIsThere) return this.skip()
    const chain = await deployMachine()
    const claims = new Claims()

    const ask = async () => {
      const asked = claims.take()
      const answers = await chain.step(asked)
      for (const [i, { next }] of answers.entries()) {
        const { what, proven, next: expected } = asked[i]!
        expect(next, what).to.equal(expected)
        expect(proven, what).to.equal(expected)
      }
    }
    for (const file of suiteFiles()) {
      if (!DEEP && !FILES.includes(file.name)) continue
      claims.file = file.name
      const tally = emptyTally()
      const stops = claims.stops.bind(claims)
      const onStop = claims.onStop.bind(claims)
      runStepped(file, tally, { mostReferenceSteps: 0, stops, onStop })
      expect(tally.different).to.deep.equal([])
      await ask()
    }
    console.log(`      ${claims.asked} steps`)

    expect(claims.seen.size).to.equal(KINDS)
    const ran = new Set(Array.from(claims.seen.keys(), (key) => key.replace(' traps', '')))
    const names = INSTRUCTIONS.map(({ name }) => name).filter((name) => !UNUSED.includes(name))
    expect(names.filter((name) => !ran.has(name))).to.deep.equal([])
  }).timeout(DEEP ? 0 : 180_000)
})

/** Steps to be asked for, with the states that the interpreter is in before and after them. */
class Claims {
  file = ''
  asked = 0
  /** How often each instruction ran, and how often it trapped. */
  readonly seen = new Map<string, number>()
  readonly #programs = new WeakMap<SteppedProgram, ProgramTrees>()
  /** Of the call that is being made: instructions by step. */
  #chosen = new Map<bigint, string>()
  #trees: StateTrees | undefined
  #claims: Claim[] = []

  take(): Claim[] {
    const claims = this.#claims
    this.#claims = []
    this.asked += claims.length
    return claims
  }

  stops(program: SteppedProgram, state: MachineState): bigint[] {
    const chosen = this.#choose(program, new ReferenceMachine(state))
    this.#chosen = chosen
    this.#trees = undefined
    const steps = new Set([...chosen.keys()].flatMap((step) => [step, step + 1n]))
    return [...steps].sort((a, b) => Number(a - b))
  }

  onStop(program: SteppedProgram, step: bigint, state: MachineState): void {
    const trees = this.#trees ?? new StateTrees(this.#treesOf(program, state), state)
    this.#trees = trees
    trees.update(state)
    if (this.#chosen.has(step - 1n)) this.#claims.at(-1)!.next = hex(trees.hash)
    const name = this.#chosen.get(step)
    if (name === undefined) return
    const { state: hash, witness, next } = proveStep(trees)
    this.#claims.push({ state: hash, witness, proven: hex(next), next: '', what: `${this.file}: ${name}` })
  }

  #treesOf(program: SteppedProgram, state: MachineState): ProgramTrees {
    const known = this.#programs.get(program) ?? new ProgramTrees(state)
    this.#programs.set(program, known)
    return known
  }

  /** Steps of a call, with the instruction of each. */
  #choose({ lowered }: SteppedProgram, reference: ReferenceMachine): Map<bigint, string> {
    const chosen = new Map<bigint, string>()
    while (reference.registers.status === 0 && reference.steps < MOST_STEPS) {
      const { steps } = reference
      const { name } = instructionOf(lowered.code[8 * reference.registers.pc]!)!
      reference.step()
      const key = reference.registers.status > 1 ? `${name} traps` : name
      const before = this.seen.get(key) ?? 0
      this.seen.set(key, before + 1)
      if (DEEP ? !PLUMBING.test(name) : isRare(before)) chosen.set(steps, key)
    }
    return DEEP ? new Map([...chosen].slice(-STEPS_OF_CALL)) : chosen
  }
}

/** 0, 1, 8, 64, …: some early and some late. */
function isRare(before: number): boolean {
  return before === 0 || Number.isInteger(Math.log2(before) / 3)
}
