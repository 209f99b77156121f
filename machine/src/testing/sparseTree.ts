import { hashPair } from '../io/merkle.ts'
import type { Tree } from '../step/prove.ts'

const ZERO = new Uint8Array(32)

/** What a node is that has none of the leaves below it. */
type Beside = (level: number, index: number) => Uint8Array

/** A tree by the definition alone, over few leaves. What is beside them is zero, or what the test says. */
export class SparseTree implements Tree {
  readonly #depth: number
  readonly #leaves: ReadonlyMap<number, Uint8Array>
  readonly #beside: Beside
  readonly #nodes = new Map<string, Uint8Array>()
  /** Nodes that have one of the leaves below them. */
  readonly #above = new Set<string>()

  constructor(depth: number, leaves: ReadonlyMap<number, Uint8Array>, beside: Beside = () => ZERO) {
    this.#depth = depth
    this.#leaves = leaves
    this.#beside = beside
    for (const leaf of leaves.keys()) {
      for (let level = 0; level <= depth; level++) this.#above.add(`${level} ${leaf >>> level}`)
    }
  }

  get root(): Uint8Array {
    return this.#node(this.#depth, 0)
  }

  leaf(index: number): Uint8Array {
    return this.#node(0, index)
  }

  sibling(leaf: number, level: number): Uint8Array {
    return this.#node(level, (leaf >>> level) ^ 1)
  }

  #node(level: number, index: number): Uint8Array {
    const at = `${level} ${index}`
    const known = this.#nodes.get(at)
    if (known) return known
    const node = this.#make(level, index, at)
    this.#nodes.set(at, node)
    return node
  }

  #make(level: number, index: number, at: string): Uint8Array {
    if (!this.#above.has(at)) return this.#beside(level, index)
    if (level === 0) return this.#leaves.get(index)!
    return hashPair(this.#node(level - 1, 2 * index), this.#node(level - 1, 2 * index + 1))
  }
}
