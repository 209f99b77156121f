/**
 * What the hash of a machine's state takes: from nothing, and after a million steps more. `node bench/steps/roots.ts`
 * shows all. Processor time of this thread: neighbours do not count.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, encodeInput } from '@millrace/machine'
import { createKeccak } from 'hash-wasm'
import { StepMachine } from '../../machine/src/interpret/stepMachine.ts'
import { hashTree, leaves, MOST_LEVELS } from '../../machine/src/io/hashTree.ts'
import { lower } from '../../machine/src/lower/lower.ts'
import type { MachineState } from '../../machine/src/state/state.ts'
import { ProgramTrees, StateTrees } from '../../machine/src/state/stateTrees.ts'
import { PROGRAMS } from '../programs/catalog.ts'

const MIB = 2 ** 20
const PAGES_OF_64_MIB = 1024

export interface RootTimes {
  /** The state's hash, nothing being known, with 64 MiB of memory that hold no zeros. */
  readonly root_64mib_ms: number
  /**
   * The same, the state of a million steps before being known: of a hash table of 64 MiB that is filled in random
   * order, and of CPython.
   */
  readonly root_delta_ms: number
  readonly root_delta_cpython_ms: number
  /** Nodes that are hashed in a second, by whole trees and by one call of `hash-wasm` each. */
  readonly nodes_per_s: number
  readonly nodes_per_s_hash_wasm: number
}

export async function measureRoots(): Promise<RootTimes> {
  const table = await machineOf('hashmap', '50000000')
  while (table.registers.pages[0] < PAGES_OF_64_MIB) table.runTo(table.steps + 10_000_000n)
  const python = await machineOf('python', '3')
  python.runTo(100_000_000n)
  return {
    root_64mib_ms: fromNothing(table.state()),
    root_delta_ms: delta(table),
    root_delta_cpython_ms: delta(python),
    ...(await nodesPerSecond()),
  }
}

function fromNothing(state: MachineState): number {
  const words = new Uint32Array((64 * MIB) / 4).map((_, i) => Math.imul(i + 1, 0x9e3779b1) | 1)
  const full = { ...state, memory: [{ leaf: 0, bytes: new Uint8Array(words.buffer) }] }
  const nothing = new ProgramTrees({ ...state, slots: [], memory: [] })
  nothing.code.root
  const times = Array.from({ length: 5 }, () => timeOf(() => new StateTrees(nothing, full).hash))
  return Math.round(Math.min(...times))
}

/** The mean, over a longer stretch of the run: the clock is too coarse for one, and what a program does changes. */
function delta(machine: StepMachine): number {
  const trees = new StateTrees(new ProgramTrees(machine.state()), machine.state())
  const take = () => {
    trees.update(machine.state())
    return trees.hash
  }
  const count = 20
  let sum = 0
  for (let i = 0; i < count; i++) {
    machine.runTo(machine.steps + 20_000_000n)
    take()
    machine.runTo(machine.steps + 1_000_000n)
    sum += timeOf(take)
  }
  return Math.round((10 * sum) / count) / 10
}

async function nodesPerSecond(): Promise<Pick<RootTimes, 'nodes_per_s' | 'nodes_per_s_hash_wasm'>> {
  const bytes = Uint8Array.from(leaves, (_, i) => i % 251)
  const nodes = 100 * (2 ** MOST_LEVELS - 1)
  const keccak = await createKeccak(256)
  let [trees, singly] = [0, 0]
  // In turns, so that both meet what else the machine does. The least time is the least disturbed one.
  for (let i = 0; i < 7; i++) {
    const ours = timeOf(() => {
      for (let tree = 0; tree < 100; tree++) {
        leaves.set(bytes)
        hashTree(MOST_LEVELS)
      }
    })
    const theirs = timeOf(() => {
      const pair = bytes.subarray(0, 64)
      for (let node = 0; node < nodes; node++) keccak.init().update(pair).digest('binary')
    })
    trees = Math.max(trees, (1000 * nodes) / ours)
    singly = Math.max(singly, (1000 * nodes) / theirs)
  }
  return { nodes_per_s: Math.round(trees), nodes_per_s_hash_wasm: Math.round(singly) }
}

async function machineOf(name: string, amount: string): Promise<StepMachine> {
  const { module, args, files } = PROGRAMS.find((program) => program.name === name)!
  const contents = Object.entries(files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  const input = encodeInput({
    args: [name, ...args.slice(0, -1), amount],
    files: Object.fromEntries(await Promise.all(contents)),
  })
  const lowered = lower(buildProgram(await readFile(module)).canonical)
  return new StepMachine(lowered, input, { fuel: 10n ** 13n, outputMax: MIB })
}

/** Milliseconds of this thread's processor time. */
function timeOf(work: () => unknown): number {
  const begun = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(begun)
  return (user + system) / 1000
}

if (import.meta.main) console.log(await measureRoots())
