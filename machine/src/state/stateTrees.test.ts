import { expect, it } from 'vitest'
import { StepMachine } from '../interpret/stepMachine.ts'
import { commit } from '../io/commitment.ts'
import { toHex } from '../io/hash.ts'
import { encodeInput } from '../io/input.ts'
import { merkleRoot } from '../io/merkle.ts'
import { lower } from '../lower/lower.ts'
import { buildProgram } from '../program.ts'
import { run } from '../run/run.ts'
import { firstState } from '../step/firstState.ts'
import { proveStep } from '../step/prove.ts'
import { ReferenceMachine } from '../step/referenceMachine.ts'
import { verifyStep } from '../step/verify.ts'
import { wat } from '../testing/wat.ts'
import { contentsOf, type Pages } from './pages.ts'
import { firstStateHash, outputRegionRoot } from './registers.ts'
import { DEPTH, type MachineState } from './state.ts'
import { ProgramTrees, type Snapshot, StateTrees } from './stateTrees.ts'

// Grows its memory, calls itself to some depth, writes here and there, and copies.
const program = buildProgram(
  wat(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 2 8)
      (data (i32.const 70016) "\\70\\11\\01\\00\\64\\00\\00\\00")
      (table 4 funcref)
      (elem (i32.const 1) $walk)
      (data (i32.const 70000) "millrace")
      (global $sum (mut i64) (i64.const 3))
      (func $walk (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0)) (else
          (i64.store (i32.mul (local.get 0) (i32.const 1032)) (global.get $sum))
          (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_u (local.get 0))))
          (i32.add (i32.const 1) (call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1))))))
      (func (export "_start")
        (drop (memory.grow (i32.const 3)))
        (drop (call $walk (i32.const 120)))
        (drop (call $write (i32.const 1) (i32.const 70016) (i32.const 1) (i32.const 70024)))
        (memory.copy (i32.const 200000) (i32.const 0) (i32.const 40000))))`),
)
const lowered = lower(program.canonical)
const input = encodeInput({ stdin: new Uint8Array(5000).map((_, i) => i % 251) })
const limits = { fuel: 1_000_000n, outputMax: 1000n }
const first = firstState(lowered, input, limits)

/** The hash of a state, its trees made from nothing. */
function hashOf(state: MachineState): Uint8Array {
  return new StateTrees(new ProgramTrees(state), state).hash
}

/** Steps between the states that are looked at: so many that all regions change. */
const EVERY = 397

function* states(every: number): Generator<ReferenceMachine> {
  const machine = new ReferenceMachine(first)
  for (;;) {
    yield machine
    for (let n = 0; n < every; n++) machine.step()
    if (machine.registers.status !== 0) return yield machine
  }
}

it('begins with the state that follows from the program, the input and the limits', () => {
  const trees = new ProgramTrees(first)
  const parts = {
    code: trees.code.root,
    memory: trees.memory.root,
    slots: trees.slots.root,
    pages: lowered.pages,
  }
  const commitment = new Uint8Array(Buffer.from(commit(input).slice(2), 'hex'))
  expect(new StateTrees(trees, first).hash).toEqual(firstStateHash(parts, commitment, limits))
})

it('has at each moment the hash that it would have from nothing, whatever it took before', () => {
  const program = new ProgramTrees(first)
  const root = program.programRoot(lowered.maxPages)
  const following = new StateTrees(program, first)
  let taken = 0
  for (const machine of states(EVERY)) {
    taken++
    following.update(machine.state())
    expect(toHex(following.hash)).toBe(toHex(hashOf(machine.state())))
  }
  expect(taken).toBeGreaterThan(20)
  // Back to an earlier one, and the program's own trees are what they were.
  following.update(first)
  expect(following.hash).toEqual(hashOf(first))
  expect(program.programRoot(lowered.maxPages)).toEqual(root)
  expect(new ProgramTrees(first).programRoot(lowered.maxPages)).toEqual(root)
})

it('gives the prover its trees', () => {
  const trees = new StateTrees(new ProgramTrees(first), first)
  let hash = trees.hash
  const machine = new ReferenceMachine(first)
  for (let n = 0; n < 60; n++) {
    const proven = proveStep(trees)
    expect(proven.state).toEqual(hash)
    machine.step()
    trees.update(machine.state())
    hash = trees.hash
    expect(proven.next).toEqual(hash)
    expect(verifyStep(proven.state, proven.witness)).toEqual(hash)
  }
})

it('ends with the result of a run', async () => {
  const machine = [...states(1000)].at(-1)!
  const trees = new StateTrees(new ProgramTrees(first), machine.state())
  const { statusCode, fuelUsed, output } = trees.result(limits.fuel)
  const ran = await run(program, input, { fuel: limits.fuel, outputMax: Number(limits.outputMax) })
  expect(ran.output.length).toBeGreaterThan(32)
  expect({ statusCode, fuelUsed, outputRoot: toHex(output) }).toEqual({
    statusCode: ran.statusCode,
    fuelUsed: ran.fuelUsed,
    outputRoot: ran.outputRoot,
  })
  expect(trees.output.root).toEqual(outputRegionRoot(BigInt(ran.output.length), merkleRoot(ran.output)))
})

it('keeps snapshots from which a machine goes on as it would have', () => {
  const trees = new StateTrees(new ProgramTrees(first), first)
  const snapshots: Snapshot[] = []
  const hashes: string[] = []
  for (const machine of states(EVERY)) {
    trees.update(machine.state())
    snapshots.push(trees.snapshot(machine.steps))
    hashes.push(toHex(hashOf(machine.state())))
  }
  for (const [i, snapshot] of snapshots.slice(0, -1).entries()) {
    trees.restore(snapshot)
    expect(toHex(trees.hash)).toBe(hashes[i])
    const next = snapshots[i + 1]!.step
    const machine = new ReferenceMachine(trees.state)
    const fast = StepMachine.restore(lowered, trees.state, snapshot.step)
    while (snapshot.step + machine.steps < next) machine.step()
    fast.runTo(next)
    for (const restored of [machine, fast]) {
      trees.update(restored.state())
      expect(toHex(trees.hash)).toBe(hashes[i + 1])
    }
  }
})

it('holds the pages that changed once, and all others once for all snapshots', () => {
  const memory = new Uint8Array(64 * 65_536).fill(200)
  const state = { ...first, memory: [{ leaf: 0, bytes: memory }] }
  const trees = new StateTrees(new ProgramTrees(state), state)
  const snapshots = [trees.snapshot(0n)]
  const before = heldBytes(snapshots)
  expect(before).toBeGreaterThanOrEqual(memory.length)
  for (let n = 1; n <= 100; n++) {
    // Two pages of memory, one of the stack; every second time one of them becomes zero.
    memory[n * 8192] = n
    memory.fill(n % 2, 4096, 8192)
    trees.update({ ...state, stack: [{ leaf: 0, bytes: new Uint8Array(64).fill(n) }] })
    snapshots.push(trees.snapshot(BigInt(n)))
  }
  expect(heldBytes(snapshots) - before).toBe(100 * 2 * 4096 + 50 * 4096)
})

/** Bytes of the distinct pages of snapshots. */
function heldBytes(snapshots: readonly Snapshot[]): number {
  const held = new Set<ArrayBufferLike>()
  const add = (pages: Pages, depth: number): void => {
    for (const { bytes } of contentsOf(pages, depth)) held.add(bytes.buffer)
  }
  for (const { stack, slots, memory, output } of snapshots) {
    add(stack, DEPTH.stack)
    add(slots, DEPTH.slots)
    add(memory, DEPTH.memory)
    add(output, DEPTH.output)
  }
  return [...held].reduce((sum, { byteLength }) => sum + byteLength, 0)
}
