// Steps of the official suite's own calls on chain: each must lead to the state that the interpreter comes to.
import { expect } from 'chai'
import { StepMachine } from '../../../machine/src/interpret/stepMachine.ts'
import { instructionOf } from '../../../machine/src/isa/encoding.ts'
import { INSTRUCTIONS } from '../../../machine/src/isa/instructions.ts'
import { ProgramTrees, StateTrees } from '../../../machine/src/state/stateTrees.ts'
import { proveStep } from '../../../machine/src/step/prove.ts'
import { ReferenceMachine } from '../../../machine/src/step/referenceMachine.ts'
import { type BegunCall, compact, type SteppedProgram } from '../../../machine/src/testing/steppedProgram.ts'
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
/** In an ordinary run. Each has an instruction, or a trap of one, that is in no other. */
const FILES = [
  ...['address', 'align', 'br_table', 'bulk', 'call', 'call_indirect', 'conversions', 'endianness', 'fac'],
  ...['f32', 'f32_bitwise', 'f32_cmp', 'f64', 'f64_bitwise', 'f64_cmp', 'float_misc', 'i32', 'i64'],
  ...['memory_grow', 'memory_init', 'memory_trap', 'ref_is_null', 'select', 'skip-stack-guard-page'],
  ...['table_copy', 'table_fill', 'table_get', 'table_grow', 'table_init', 'traps', 'unwind'],
]

/** Neither runs in the suite: they need an input, or write an output. */
const UNUSED = ['input.length', 'input.read', 'output.write']

interface Claim extends Question {
  readonly what: string
  readonly next: string
}

describe('the official suite on chain', () => {
  it('comes from step to step to where the interpreter does', async function () {
    if (!suiteIsThere) return this.skip()
    const chain = await deployMachine()
    const seen = new Map<string, number>()
    const claims: Claim[] = []
    let asked = 0

    let [evm,prove] = [0,0]
    const flush = async () => {
 const t0=process.cpuUsage().user
      const answers = await chain.step(claims)
      for (const [i, { next }] of answers.entries()) expect(next, claims[i]!.what).to.equal(claims[i]!.next)
      evm += process.cpuUsage().user-t0
      asked += claims.length
      claims.length = 0
    }

    for (const file of suiteFiles()) {
      if (!DEEP && !FILES.includes(file.name)) continue
      const onCall = (call: BegunCall) => {
        for (const claim of claimsOf(call, seen))
          claims.push({ ...claim, what: `${file.name}: ${claim.what}` })
      }
      const tally = emptyTally()
      runStepped(file, tally, { mostReferenceSteps: 0, onCall })
      expect(tally.different).to.deep.equal([])
      if (claims.length >= 100) await flush()
    }
    await flush()
    console.log(asked, process.cpuUsage())

    const names = INSTRUCTIONS.map(({ name }) => name).filter((name) => !UNUSED.includes(name))
    const ran = new Set(Array.from(seen.keys(), (key) => key.replace(' traps', '')))
    expect(names.filter((name) => !ran.has(name))).to.deep.equal([])
  }).timeout(DEEP ? 0 : 300_000)
})

const programs = new WeakMap<SteppedProgram, ProgramTrees>()

function claimsOf({ program, state }: BegunCall, seen: Map<string, number>): Claim[] {
  const chosen = choose(program, new ReferenceMachine(state), seen)
  if (chosen.size === 0) return []
  const { lowered } = program
  const machine = StepMachine.restore(lowered, state, 0n)
  const known = programs.get(program) ?? new ProgramTrees(state)
  programs.set(program, known)
  const trees = new StateTrees(known, compact(machine))
  return [...chosen].map(([step, name]) => {
    machine.runTo(step)
    trees.update(compact(machine))
    const proven = proveStep(trees)
    machine.runTo(step + 1n)
    trees.update(compact(machine))
    return { state: proven.state, witness: proven.witness, what: name, next: hex(trees.hash) }
  })
}

/** Steps of a call, with the instruction of each. */
function choose(
  { lowered }: SteppedProgram,
  reference: ReferenceMachine,
  seen: Map<string, number>,
): Map<bigint, string> {
  const chosen = new Map<bigint, string>()
  while (reference.registers.status === 0 && reference.steps < MOST_STEPS) {
    const { steps } = reference
    const { name } = instructionOf(lowered.code[8 * reference.registers.pc]!)!
    reference.step()
    const key = reference.registers.status > 1 ? `${name} traps` : name
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    if (DEEP ? !PLUMBING.test(name) : isRare(before)) chosen.set(steps, key)
  }
  return DEEP ? new Map([...chosen].slice(-STEPS_OF_CALL)) : chosen
}

/** 0, 1, 8, 64, …: some early and some late. */
function isRare(before: number): boolean {
  return before === 0 || Number.isInteger(Math.log2(before) / 3)
}
