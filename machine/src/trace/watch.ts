import { decode, instructionOf } from '../isa/encoding.ts'
import type { Instruction } from '../isa/instructions.ts'
import type { AllRegisters } from '../state/registers.ts'
import type { ProvableState, Tree } from '../step/prove.ts'
import type { Region } from '../step/region.ts'
import { step } from '../step/step.ts'
import { type Place, type Places, placesOf, type RegionName, SLOT_BYTES } from './places.ts'

/** A place with what it held when it was read, or holds since it was written. */
export interface Access extends Place {
  readonly bytes: Uint8Array
}

/** A step that was made under watch. */
export interface Watched {
  readonly before: AllRegisters
  readonly after: AllRegisters
  /** The instruction as it stands in the code; undefined where none was looked for. */
  readonly word: bigint | undefined
  /** Undefined for a number that is no instruction's. */
  readonly instruction: Instruction | undefined
  readonly reads: readonly Access[]
  readonly writes: readonly Access[]
}

const LEAF_BYTES = 32
const SLOTS_OF_LEAF = LEAF_BYTES / SLOT_BYTES
const MOST_PC = 2 ** 28

/** Makes steps from a state on, by the reference, and says what each reads and writes. The state stays as it is. */
export class Watch {
  #registers: AllRegisters
  readonly #regions: Readonly<Record<RegionName | 'code', Overlay>>
  readonly #inputLength: bigint

  constructor({ registers, input, code, stack, slots, memory, output }: ProvableState) {
    this.#registers = copyOf({ spare: 0n, ...registers })
    this.#inputLength = input.length
    this.#regions = {
      code: new Overlay(code),
      stack: new Overlay(stack),
      slots: new Overlay(slots),
      memory: new Overlay(memory),
      output: new Overlay(output),
      input: new Overlay(input.tree),
    }
  }

  /** Leaves that the last step opened, by region. */
  opened(region: RegionName): number[] {
    return [...this.#regions[region].before.keys()]
  }

  /** Bytes of a region that the last step changed. */
  changed(region: RegionName): number[] {
    return this.#regions[region].changed()
  }

  step(): Watched {
    const before = copyOf(this.#registers)
    const { code, stack, slots, memory, input, output } = this.#regions
    for (const region of Object.values(this.#regions)) region.before.clear()
    const openInput = () => ({ length: this.#inputLength, leaf: (index: number) => input.open(index) })
    const registers = this.#registers
    step({ registers, code, stack, slots, memory, output, openWorld: () => {}, openInput })

    const after = copyOf(registers)
    const looked = before.status === 0 && before.pc < MOST_PC
    const word = looked ? code.was(before.pc) : undefined
    const decoded = word === undefined ? undefined : decode(word)
    const instruction = decoded && instructionOf(decoded.opcode)
    if (!decoded || !instruction) return { before, after, word, instruction, reads: [], writes: [] }
    const { reads, writes } = placesOf({
      ...{ instruction, decoded, before, after },
      operand: (depth) => stack.was(before.sp - 1 - depth),
      left: (depth) => stack.is(before.sp - 1 - depth),
      own: (index) => slots.was(index),
    })
    return {
      before,
      after,
      word,
      instruction,
      reads: this.#seen(reads, 'was'),
      writes: this.#seen(writes, 'is'),
    }
  }

  /** Those that the step came to. */
  #seen(places: Places['reads'], when: 'was' | 'is'): Access[] {
    return places.flatMap((place) => {
      const bytes = this.#regions[place.region].bytes(place, when)
      return bytes ? [{ ...place, bytes }] : []
    })
  }
}

function copyOf(registers: AllRegisters): AllRegisters {
  return { ...registers, pages: [...registers.pages] }
}

/** A region of the state, and over it what steps have changed. */
class Overlay implements Region {
  /** Leaves that the last step opened, as they were before it. */
  readonly before = new Map<number, Uint8Array>()
  readonly #tree: Tree
  readonly #leaves = new Map<number, Uint8Array>()
  /** From this leaf on, the tree does not count any more. */
  #end = Number.POSITIVE_INFINITY

  constructor(tree: Tree) {
    this.#tree = tree
  }

  open(index: number): Uint8Array {
    const leaf = this.#leaf(index)
    if (!this.before.has(index)) this.before.set(index, leaf.slice())
    this.#leaves.set(index, leaf)
    return leaf
  }

  truncate(slot: number): void {
    const last = Math.floor((slot - 1) / SLOTS_OF_LEAF)
    for (const [index, leaf] of this.#leaves) {
      if (index === last) leaf.fill(0, (slot - last * SLOTS_OF_LEAF) * SLOT_BYTES)
      else if (index > last) leaf.fill(0)
    }
    this.#end = Math.min(this.#end, last + 1)
  }

  /** A slot before the last step. */
  was(slot: number): bigint {
    return this.#slot(slot, (index) => this.before.get(index) ?? this.#leaf(index))
  }

  /** A slot now. */
  is(slot: number): bigint {
    return this.#slot(slot, (index) => this.#leaf(index))
  }

  /** A stretch before the last step or now; nothing where the step did not open all of it. */
  bytes({ at, length }: Place, when: 'was' | 'is'): Uint8Array | undefined {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      const index = Math.floor((at + i) / LEAF_BYTES)
      const before = this.before.get(index)
      if (before === undefined) return undefined
      bytes[i] = (when === 'was' ? before : this.#leaf(index))[(at + i) % LEAF_BYTES]!
    }
    return bytes
  }

  changed(): number[] {
    return [...this.before].flatMap(([index, before]) => {
      const now = this.#leaf(index)
      return [...before.keys()].filter((i) => before[i] !== now[i]).map((i) => index * LEAF_BYTES + i)
    })
  }

  #slot(slot: number, leafOf: (index: number) => Uint8Array): bigint {
    if (slot < 0) return 0n
    const leaf = leafOf(Math.floor(slot / SLOTS_OF_LEAF))
    return new DataView(leaf.buffer, leaf.byteOffset).getBigUint64((slot % SLOTS_OF_LEAF) * SLOT_BYTES, true)
  }

  #leaf(index: number): Uint8Array {
    return (
      this.#leaves.get(index) ??
      (index < this.#end ? this.#tree.leaf(index).slice() : new Uint8Array(LEAF_BYTES))
    )
  }
}
