import { treeDepth } from '../io/merkle.ts'
import {
  type AllRegisters,
  dataCommitment,
  packA,
  packB,
  stateHash,
  unpackRegisters,
  type World,
  worldHash,
  ZERO_WORD,
} from '../state/registers.ts'
import { DEPTH } from '../state/state.ts'
import type { Input, Opener } from './machine.ts'
import { equal, OpenedRegion } from './region.ts'
import { MalformedWitnessError, type Opening } from './witness.ts'

export type RegionName = keyof typeof DEPTH | 'input'

/** Where the parts of a state come from, asked for in the order in which a witness has them. */
export interface Source {
  /** `A`, the code's root, the stack's. */
  head(): readonly [Uint8Array, Uint8Array, Uint8Array]
  world(): { readonly b: Uint8Array; readonly world: World }
  worldHash(): Uint8Array
  /** The input's length and root, each a word. */
  input(): readonly [Uint8Array, Uint8Array]
  opening(region: RegionName, leaf: number, levels: number): Opening
}

/** A state of which a step sees what it opens, and which knows its hash before the step and after it. */
export class OpenedState implements Opener {
  readonly registers: AllRegisters
  readonly code: OpenedRegion
  readonly stack: OpenedRegion
  /** The hash before the step; there once the world is open. */
  before: Uint8Array = ZERO_WORD
  readonly #source: Source
  readonly #head: readonly [Uint8Array, Uint8Array, Uint8Array]
  #worldHash: Uint8Array = ZERO_WORD
  #world: (Record<'memory' | 'slots' | 'output', OpenedRegion> & { input: Uint8Array }) | undefined

  constructor(source: Source) {
    this.#source = source
    this.#head = source.head()
    const [a, code, stack] = this.#head
    this.registers = unpackRegisters(a, ZERO_WORD)
    this.code = this.#region('code', code)
    this.stack = this.#region('stack', stack)
  }

  openWorld(seen: boolean): void {
    const [a, code, stack] = this.#head
    if (seen) {
      const { b, world } = this.#source.world()
      this.#worldHash = worldHash(b, world)
      Object.assign(this.registers, unpackRegisters(a, b))
      this.#world = {
        memory: this.#region('memory', world.memory),
        slots: this.#region('slots', world.slots),
        output: this.#region('output', world.output),
        input: world.input,
      }
    } else {
      this.#worldHash = this.#source.worldHash()
    }
    this.before = stateHash(a, code, stack, this.#worldHash)
  }

  get memory(): OpenedRegion {
    return this.#world!.memory
  }
  get slots(): OpenedRegion {
    return this.#world!.slots
  }
  get output(): OpenedRegion {
    return this.#world!.output
  }

  openInput(): Input {
    const [lengthWord, root] = this.#source.input()
    const length = lengthWord.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
    if (!equal(dataCommitment(length, root), this.#world!.input)) {
      throw new MalformedWitnessError('length and root are not those of the input')
    }
    const depth = treeDepth(Number(length))
    const region = new OpenedRegion(root, depth, (leaf, levels) =>
      this.#source.opening('input', leaf, levels),
    )
    return { length, leaf: (index) => region.open(index) }
  }

  /** The hash after the step. */
  next(): Uint8Array {
    const { registers } = this
    const [, code] = this.#head
    const world = this.#world
      ? worldHash(packB(registers), {
          memory: this.memory.root(),
          slots: this.slots.root(),
          input: this.#world.input,
          output: this.output.root(),
        })
      : this.#worldHash
    return stateHash(packA(registers), code, this.stack.root(), world)
  }

  #region(name: keyof typeof DEPTH, root: Uint8Array): OpenedRegion {
    return new OpenedRegion(root, DEPTH[name], (leaf, levels) => this.#source.opening(name, leaf, levels))
  }
}
