import { LEAF_BYTES } from '../io/merkle.ts'
import type { Contents, MachineState, Registers } from '../state/state.ts'
import type { Input, Opener } from './machine.ts'
import type { Region } from './region.ts'
import { step } from './step.ts'

const PAGE_LEAVES = 128
const PAGE_BYTES = LEAF_BYTES * PAGE_LEAVES
const SLOT_BYTES = 8

/** Makes step after step by the specification alone, without trees: what the fast ways are compared with. */
export class ReferenceMachine {
  /** Steps done. */
  steps = 0n
  readonly #input: Uint8Array
  readonly #opener: Opener & Record<'code' | 'stack' | 'slots' | 'memory' | 'output', SparseRegion>

  constructor(state: MachineState) {
    this.#input = state.input
    const { input } = state
    this.#opener = {
      registers: { ...copyOf(state.registers), spare: 0n },
      code: new SparseRegion(state.code),
      stack: new SparseRegion(state.stack),
      slots: new SparseRegion(state.slots),
      memory: new SparseRegion(state.memory),
      output: new SparseRegion(state.output),
      openWorld: () => {},
      openInput: (): Input => ({
        length: BigInt(input.length),
        leaf: (index) => input.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
      }),
    }
  }

  get registers(): Registers {
    return copyOf(this.#opener.registers)
  }

  /** Makes a step. In a final state nothing happens, and none is counted. */
  step(): void {
    if (this.#opener.registers.status !== 0) return
    step(this.#opener)
    this.steps++
  }

  /** Views of its memory. */
  state(): MachineState {
    const { registers, code, stack, slots, memory, output } = this.#opener
    return {
      registers: copyOf(registers),
      code: code.contents(),
      stack: stack.contents(),
      slots: slots.contents(),
      memory: memory.contents(),
      output: output.contents(),
      input: this.#input,
    }
  }
}

function copyOf({ pc, sp, fp, aux, fuel, depth, stop, status, pages, ...counts }: Registers): Registers {
  const { outputLength, outputMax } = counts
  return { pc, sp, fp, aux, fuel, depth, stop, status, pages: [...pages], outputLength, outputMax }
}

/** Pages of what was touched. */
class SparseRegion implements Region {
  readonly #pages = new Map<number, Uint8Array>()
  /** No page from this one on was touched since the last truncation. */
  #end = 0

  constructor(contents: Contents) {
    for (const { leaf, bytes } of contents) {
      for (let at = 0; at < bytes.length; at += LEAF_BYTES) {
        this.open(leaf + at / LEAF_BYTES).set(bytes.subarray(at, at + LEAF_BYTES))
      }
    }
  }

  open(leaf: number): Uint8Array {
    const number = Math.floor(leaf / PAGE_LEAVES)
    let page = this.#pages.get(number)
    if (!page) {
      page = new Uint8Array(PAGE_BYTES)
      this.#pages.set(number, page)
    }
    this.#end = Math.max(this.#end, number + 1)
    const at = (leaf % PAGE_LEAVES) * LEAF_BYTES
    return page.subarray(at, at + LEAF_BYTES)
  }

  truncate(slot: number): void {
    const at = slot * SLOT_BYTES
    const first = Math.floor(at / PAGE_BYTES)
    for (let number = first; number < this.#end; number++) {
      this.#pages.get(number)?.fill(0, number === first ? at % PAGE_BYTES : 0)
    }
    this.#end = first + 1
  }

  contents(): Contents {
    const pages = [...this.#pages].sort(([a], [b]) => a - b)
    return pages.map(([number, bytes]) => ({ leaf: number * PAGE_LEAVES, bytes }))
  }
}
