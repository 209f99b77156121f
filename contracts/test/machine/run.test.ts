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
  const start = [parts, commit(INPUT), LIMITS.fuel, LIMITS.outputMax] as const

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
    const [programRoot, state] = await machine.initialState!(...start)
    expect(programRoot).to.equal(hex(program.programRoot(lowered.maxPages)))
    expect(state).to.equal(hex(trees.hash))
    expect(await machine.VERSION!()).to.equal(3n)
  })

  it('begins elsewhere with other parts of a program', async () => {
    const [root, state] = await machine.initialState!(...start)
    for (const name of Object.keys(parts)) {
      const changed = { ...parts, [name]: commit(INPUT) }
      const others = await machine.initialState!(changed, ...start.slice(1))
      expect(others[0], name).to.not.equal(root)
      expect(others[1], name).to.not.equal(state)
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
    const unseen = preimage()
    unseen.world.output = Buffer.from(id('not looked at').slice(2), 'hex')
    const result = await machine.finalState!(unseen, merkleRoot(OUTPUT))
    expect([...result]).to.deep.equal([last, 0n, LIMITS.fuel, commit(OUTPUT)])
  })

  it('stays there', async () => {
    const [answer] = await chain.step([proveStep(trees)])
    expect(answer!.next).to.equal(last)
  })

  it('has no result before its end, and another state for another output', async () => {
    expect(hashOf(preimage())).to.equal(last)
    for (const status of [0, 6]) {
      const state = { ...preimage(), registers: packA({ ...run.registers, status }) }
      const call = machine.finalState!(state, merkleRoot(OUTPUT))
      await expect(call).to.be.revertedWithCustomError(machine, 'NotFinal').withArgs(status)
    }
    const [state] = await machine.finalState!(preimage(), merkleRoot(INPUT))
    expect(state).to.not.equal(last)
    for (const [outputLength, fits] of [
      [2n ** 32n, true],
      [2n ** 32n + 1n, false],
    ] as const) {
      const much = preimage()
      much.world.sizes = packB({ ...run.registers, outputLength })
      const call = machine.finalState!(much, merkleRoot(OUTPUT))
      if (fits) await call
      else await expect(call).to.be.revertedWithCustomError(machine, 'NoSuchOutput').withArgs(outputLength)
    }
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
