import { type AllRegisters, dataCommitment, packA, packB, wordOf, worldHash } from '../state/registers.ts'
import type { Registers } from '../state/state.ts'
import { OpenedState, type Source } from './openedState.ts'
import { step } from './step.ts'
import { WitnessWriter } from './witness.ts'

/** A region with the tree above it. */
export interface Tree {
  readonly root: Uint8Array
  leaf(index: number): Uint8Array
  /** Of the path of a leaf: the sibling at that level, 0 being beside the leaf itself. */
  sibling(leaf: number, level: number): Uint8Array
}

/** The input's length, and the least tree over its bytes. */
export interface ProvableInput {
  readonly length: bigint
  readonly tree: Tree
}

/** All of a state, with the trees above its regions. */
export interface ProvableState {
  readonly registers: Registers & { readonly spare?: bigint }
  readonly code: Tree
  readonly stack: Tree
  readonly slots: Tree
  readonly memory: Tree
  readonly output: Tree
  readonly input: ProvableInput
}

export interface ProvenStep {
  /** The hash of the state. */
  readonly state: Uint8Array
  /** What a contract needs to make the step. */
  readonly witness: Uint8Array
  /** The hash of the next state. */
  readonly next: Uint8Array
  readonly registers: AllRegisters
}

/** Makes one step and the witness of it. Changes nothing of the state that it is given. */
export function proveStep(state: ProvableState): ProvenStep {
  const writer = new WitnessWriter()
  const opened = new OpenedState(recording(state, writer))
  step(opened)
  return { state: opened.before, witness: writer.finish(), next: opened.next(), registers: opened.registers }
}

/** The parts of a state, each written down as it is asked for. */
function recording(state: ProvableState, writer: WitnessWriter): Source {
  const b = packB(state.registers)
  const world = {
    memory: state.memory.root,
    slots: state.slots.root,
    input: dataCommitment(state.input.length, state.input.tree.root),
    output: state.output.root,
  }
  return {
    head() {
      const head = [packA(state.registers), state.code.root, state.stack.root] as const
      writer.put(...head)
      return head
    },
    world() {
      writer.put(b, world.memory, world.slots, world.input, world.output)
      return { b, world }
    },
    worldHash() {
      const hash = worldHash(b, world)
      writer.put(hash)
      return hash
    },
    input() {
      const words = [wordOf(state.input.length), state.input.tree.root] as const
      writer.put(...words)
      return words
    },
    opening(region, index, levels) {
      const tree = region === 'input' ? state.input.tree : state[region]
      const siblings = Array.from({ length: levels }, (_, level) => tree.sibling(index, level))
      const opening = { leaf: tree.leaf(index), siblings }
      writer.putOpening(opening)
      return opening
    },
  }
}
