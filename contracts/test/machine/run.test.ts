// A run on chain from its first state to its result, step by step, and what is refused on the way.
import { expect } from 'chai'
import { AbiCoder, type Contract, id, keccak256 } from 'ethers'
import { commit } from '../../../machine/src/io/commitment.ts'
import { merkleRoot } from '../../../machine/src/io/merkle.ts'
import { lower } from '../../../machine/src/lower/lower.ts'
import { packA, packB } from '../../../machine/src/state/registers.ts'
import { ProgramTrees, StateTrees } from '../../../machine/src/state/stateTrees.ts'
import { firstState } from '../../../machine/src/step/firstState.ts'
import { proveStep } from '../../../machine/src/step/prove.ts'
import { ReferenceMachine } from '../../../machine/src/step/referenceMachine.ts'
import { wat } from '../../../machine/src/testing/wat.ts'
import { deployMachine, hex } from './support/chain.ts'

/** Writes each byte of the input, plus one, to the output. */
const CANONICAL = wat(`(module
  (import "millrace" "input_length" (func $input_length (result i32)))
  (import "millrace" "input_read" (func $input_read (param i32 i32 i32)))
  (import "millrace" "output_write" (func $output_write (param i32 i32)))
  (memory $m 1 1)
  (memory $lib 1 1)
  (global (export "millrace:fuel") (mut i64) (i64.const 0))
  (global (export "millrace:state") (mut i32) (i32.const 0))
  (global (export "millrace:stack") (mut i32) (i32.const 0))
  (data (memory $m) (i32.const 70) "what a program begins with")
  (func (export "millrace:run") (result i32) (local $i i32) (local $n i32)
    (local.set $n (call $input_length))
    (call $input_read (i32.const 30) (i32.const 0) (local.get $n))
    (loop $next
      (i32.store8 $lib offset=30 (local.get $i) (i32.add (i32.load8_u $lib offset=30 (local.get $i)) (i32.const 1)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (call $output_write (i32.const 30) (local.get $n))
    (i32.const 0)))`)

const INPUT = Buffer.from('HAL-HAL')
const OUTPUT = Buffer.from('IBM.IBM')
const LIMITS = { fuel: 1_000_000n, outputMax: 1_000n }

describe('a run on chain', () => {
  const lowered = lower(CANONICAL)
  const first = firstState(lowered, INPUT, LIMITS)
  const program = new ProgramTrees(first)
  const parts = {
    code: program.code.root,
    memory_: program.memory.root,
    slots: program.slots.root,
    pages: Buffer.alloc(32),
  }
  for (const [i, count] of [...lowered.pages, ...lowered.maxPages].entries())
    parts.pages.writeUInt32BE(count, 4 * i)
  const start = [
    program.programRoot(lowered.maxPages),
    parts,
    commit(INPUT),
    LIMITS.fuel,
    LIMITS.outputMax,
  ] as const

  const run = new ReferenceMachine(first)
  const trees = new StateTrees(program, first)
  let chain: Awaited<ReturnType<typeof deployMachine>>
  let machine: Contract
  let last: string

  before(async () => {
    chain = await deployMachine()
    machine = chain.machine
  })

  it('begins where the program, the input and the limits say', async () => {
    expect(await machine.initialState!(...start)).to.equal(hex(trees.hash))
    expect(await machine.VERSION!()).to.equal(3n)
  })

  it('does not begin with another program’s parts', async () => {
    for (const name of Object.keys(parts)) {
      const changed = { ...parts, [name]: commit(INPUT) }
      const call = machine.initialState!(start[0], changed, ...start.slice(2))
      await expect(call, name).to.be.revertedWithCustomError(machine, 'NotTheProgram')
    }
  })

  it('goes from step to step', async () => {
    const proven = []
    while (run.registers.status === 0) {
      trees.update(run.state())
      proven.push(proveStep(trees))
      run.step()
    }
    trees.update(run.state())
    const answers = await chain.step(proven)

    last = hex(proven[0]!.state)
    for (const [i, { next }] of answers.entries()) {
      expect(hex(proven[i]!.state), `before step ${i}`).to.equal(last)
      last = next
    }
    expect(last).to.equal(hex(trees.hash))
    expect(answers.length).to.be.above(100)
  })

  it('comes to its result', async () => {
    const [status, fuelLeft, output] = await machine.resultOf!(last, preimage(), merkleRoot(OUTPUT))
    expect([status, fuelLeft, output]).to.deep.equal([0n, LIMITS.fuel, commit(OUTPUT)])
  })

  it('stays there', async () => {
    const [answer] = await chain.step([proveStep(trees)])
    expect(answer!.next).to.equal(last)
  })

  it('has no result before its end, for another state, or of another output', async () => {
    const running = { ...preimage(), registers: packA({ ...run.registers, status: 0 }) }
    const stranger = { ...preimage(), registers: packA({ ...run.registers, status: 6 }) }
    expect(hashOf(preimage())).to.equal(last)
    for (const [state, status] of [
      [running, 0n],
      [stranger, 6n],
    ] as const) {
      const call = machine.resultOf!(hashOf(state), state, merkleRoot(OUTPUT))
      await expect(call).to.be.revertedWithCustomError(machine, 'NotFinal').withArgs(status)
    }
    const other = machine.resultOf!(last, running, merkleRoot(OUTPUT))
    await expect(other).to.be.revertedWithCustomError(machine, 'NotTheState')
    const lie = machine.resultOf!(last, preimage(), merkleRoot(INPUT))
    await expect(lie).to.be.revertedWithCustomError(machine, 'NotTheOutput')
  })

  function preimage() {
    const { memory, slots, input, output } = trees.world
    const world = { sizes: packB(run.registers), memory_: memory, slots, input, output }
    return { registers: packA(run.registers), code: trees.code.root, stack: trees.stack.root, world }
  }
})

/** By the page alone. */
function hashOf({ registers, code, stack, world }: Record<string, unknown>): string {
  return hashOfWords([
    id('millrace.state'),
    registers,
    code,
    stack,
    hashOfWords(Object.values(world as object)),
  ])
}

function hashOfWords(words: readonly unknown[]): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      words.map(() => 'bytes32'),
      words,
    ),
  )
}
