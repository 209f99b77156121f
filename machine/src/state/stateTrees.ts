/**
 * The trees of all regions of a machine's state, which follow the machine and name its states by their hashes.
 *
 * What is captured is shared: with the program's first contents, between states, and with snapshots. A snapshot costs the
 * pages that changed since the one before, and hashing it later costs those pages alone.
 */
import { LEAF_BYTES, treeDepth } from '../io/merkle.ts'
import type { Pages } from './pages.ts'
import { RegionTree } from './regionTree.ts'
import {
  dataCommitment,
  type FinalResult,
  packA,
  packB,
  programRootOf,
  resultOf,
  stateHash,
  type World,
  worldHash,
} from './registers.ts'
import { DEPTH, type MachineState, type Registers } from './state.ts'

/** What is captured and hashed once for a program, however many runs there are of it. */
export class ProgramTrees {
  readonly code = new RegionTree(DEPTH.code)
  readonly slots = new RegionTree(DEPTH.slots)
  readonly memory = new RegionTree(DEPTH.memory)
  readonly pages: readonly [number, number]

  /** @param first the state before the first step, of a run with any input and limits */
  constructor(
    first: Pick<MachineState, 'code' | 'slots' | 'memory'> & { readonly registers: Pick<Registers, 'pages'> },
  ) {
    this.code.update(first.code)
    this.slots.update(first.slots)
    this.memory.update(first.memory)
    this.pages = [...first.registers.pages]
  }

  /** The program root, for memories of that many pages at most. */
  programRoot(maxPages: readonly [number, number]): Uint8Array {
    return programRootOf({
      code: this.code.root,
      memory: this.memory.root,
      slots: this.slots.root,
      pages: this.pages,
      maxPages,
    })
  }
}

/** A state that a run came through, but for its code and input, which do not change. */
export interface Snapshot {
  readonly step: bigint
  readonly registers: Registers
  readonly stack: Pages
  readonly slots: Pages
  readonly memory: Pages
  readonly output: Pages
}

/** The regions that change while a program runs. */
export const CHANGING = ['stack', 'slots', 'memory', 'output'] as const

export class StateTrees {
  readonly code: RegionTree
  readonly stack = new RegionTree(DEPTH.stack)
  readonly slots: RegionTree
  readonly memory: RegionTree
  readonly output = new RegionTree(DEPTH.output)
  /** The least tree over the input. */
  readonly input: { readonly length: bigint; readonly tree: RegionTree }
  readonly #inputBytes: Uint8Array
  #registers: Registers

  /** Trees of a state of a run of the program. */
  constructor(program: ProgramTrees, state: MachineState) {
    this.code = program.code
    this.slots = new RegionTree(DEPTH.slots, program.slots.pages)
    this.memory = new RegionTree(DEPTH.memory, program.memory.pages)
    this.#inputBytes = state.input
    this.input = {
      length: BigInt(state.input.length),
      tree: new RegionTree(treeDepth(state.input.length)),
    }
    this.input.tree.update([{ leaf: 0, bytes: state.input }])
    this.#registers = copyOf(state.registers)
    this.update(state)
  }

  /** Takes another state of the same run, later or earlier. Hashes nothing yet. */
  update(state: MachineState): void {
    this.#registers = copyOf(state.registers)
    for (const region of CHANGING) this[region].update(state[region])
  }

  get registers(): Registers {
    return copyOf(this.#registers)
  }

  /** The state's hash. Hashes what changed since the last time. */
  get hash(): Uint8Array {
    const world = worldHash(packB(this.#registers), this.world)
    return stateHash(packA(this.#registers), this.code.root, this.stack.root, world)
  }

  /** A copy of what was written. */
  get outputBytes(): Uint8Array {
    const bytes = new Uint8Array(Number(this.#registers.outputLength))
    for (const extent of this.output.contents) {
      const at = extent.leaf * LEAF_BYTES
      bytes.set(extent.bytes.subarray(0, bytes.length - at), at)
    }
    return bytes
  }

  /** What the world's hash is made of beside the registers. */
  get world(): World {
    return {
      memory: this.memory.root,
      slots: this.slots.root,
      input: dataCommitment(this.input.length, this.input.tree.root),
      output: this.output.root,
    }
  }

  /**
   * What the state says of its run, which must be over.
   *
   * @param fuel the limit of the run
   */
  result(fuel: bigint): FinalResult {
    return resultOf(this.#registers, this.outputRoot, fuel)
  }

  /** The root of the least tree over the output's bytes. */
  get outputRoot(): Uint8Array {
    return this.output.node(treeDepth(Number(this.#registers.outputLength)), 0)
  }

  /** Keeps the state that was last taken, `step` steps after the first. */
  snapshot(step: bigint): Snapshot {
    const { stack, slots, memory, output } = this
    return {
      step,
      registers: this.registers,
      stack: stack.pages,
      slots: slots.pages,
      memory: memory.pages,
      output: output.pages,
    }
  }

  /** Takes the state of a snapshot of the same run. */
  restore(snapshot: Snapshot): void {
    this.#registers = copyOf(snapshot.registers)
    for (const region of CHANGING) this[region].pages = snapshot[region]
  }

  /** The state that was last taken, as a machine is started from it. Its contents are not to be written to. */
  get state(): MachineState {
    const { code } = this
    return {
      registers: this.registers,
      // A machine is given its code beside its state.
      get code() {
        return code.contents
      },
      stack: this.stack.contents,
      slots: this.slots.contents,
      memory: this.memory.contents,
      output: this.output.contents,
      input: this.#inputBytes,
    }
  }
}

function copyOf(registers: Registers): Registers {
  return { ...registers, pages: [...registers.pages] }
}
