/**
 * A region during one step: leaves are opened, changed in place, and at the end give the region's next root.
 *
 * What is known of the tree is the open leaves and the nodes beside their paths. Prover and verifier differ only in
 * where an opening comes from: out of a tree into the witness, or out of the witness.
 */
import { hashPair } from '../io/merkle.ts'
import { ZERO_WORD } from '../state/registers.ts'
import { MalformedWitnessError, type Opening } from './witness.ts'

/** Leaves on request. They may be changed in place, once all that could trap is done. */
export interface Region {
  open(leaf: number): Uint8Array
  /** Makes all slots from this one on zero. If there is one before it, its leaf is open. */
  truncate(slot: number): void
}

/** Gives the opening of a leaf up to a level. */
export type Openings = (leaf: number, levels: number) => Opening

const SLOTS_OF_LEAF = 4
const SLOT_BYTES = 8

export class OpenedRegion implements Region {
  #root: Uint8Array
  readonly #depth: number
  readonly #openings: Openings
  readonly #leaves = new Map<number, Uint8Array>()
  /** Nodes beside paths, by level and index. No open leaf is below them. */
  readonly #siblings = new Map<number, Uint8Array>()

  constructor(root: Uint8Array, depth: number, openings: Openings) {
    this.#root = root
    this.#depth = depth
    this.#openings = openings
  }

  open(index: number): Uint8Array {
    const known = this.#leaves.get(index)
    if (known) return known
    const levels = this.#levelsAlone(index)
    const { leaf, siblings } = this.#openings(index, levels)
    let node = leaf
    for (const [level, sibling] of siblings.entries()) {
      const at = index >>> level
      this.#siblings.set(key(level, at ^ 1), sibling)
      node = at % 2 === 0 ? hashPair(node, sibling) : hashPair(sibling, node)
    }
    const meets = key(levels, index >>> levels)
    const expected = levels === this.#depth ? this.#root : this.#siblings.get(meets)!
    if (!equal(node, expected)) throw new MalformedWitnessError('a leaf does not lead to the root')
    this.#siblings.delete(meets)
    const own = leaf.slice()
    this.#leaves.set(index, own)
    return own
  }

  truncate(slot: number): void {
    const last = Math.floor((slot - 1) / SLOTS_OF_LEAF)
    for (const [index, leaf] of this.#leaves) {
      if (index === last) leaf.fill(0, (slot - last * SLOTS_OF_LEAF) * SLOT_BYTES)
      else if (index > last) leaf.fill(0)
    }
    for (const at of this.#siblings.keys()) {
      const { level, index } = unkey(at)
      if (index * 2 ** level > last) this.#siblings.set(at, ZERO_WORD)
    }
    if (slot === 0) this.#root = ZERO_WORD
  }

  /** The root as the changed leaves make it. */
  root(): Uint8Array {
    return this.#leaves.size === 0 ? this.#root : this.#node(this.#depth, 0)
  }

  /** Leaves that were opened, as they are now. */
  leaves(): IterableIterator<[number, Uint8Array]> {
    return this.#leaves.entries()
  }

  /** Levels of a leaf's path below the first node that it shares with the path of an open one. */
  #levelsAlone(index: number): number {
    let levels = this.#depth
    for (const other of this.#leaves.keys()) levels = Math.min(levels, 31 - Math.clz32(index ^ other))
    return levels
  }

  #node(level: number, index: number): Uint8Array {
    const known = level === 0 ? this.#leaves.get(index) : undefined
    return (
      known ??
      this.#siblings.get(key(level, index)) ??
      hashPair(this.#node(level - 1, 2 * index), this.#node(level - 1, 2 * index + 1))
    )
  }
}

const LEVEL = 2 ** 32

function key(level: number, index: number): number {
  return level * LEVEL + index
}

function unkey(at: number): { level: number; index: number } {
  return { level: Math.floor(at / LEVEL), index: at % LEVEL }
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i])
}
