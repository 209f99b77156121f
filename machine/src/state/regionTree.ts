/** The Merkle tree over a region, which follows the region's contents. */
import { PAGE_LEVELS } from './page.ts'
import { capture, contentsOf, endOf, type Pages, pagesNode } from './pages.ts'
import type { Contents } from './state.ts'

export class RegionTree {
  /** Levels over the leaves. */
  readonly depth: number
  /** Levels of the pages: a region that is smaller than a page is kept in a whole one. */
  readonly #levels: number
  #pages: Pages

  /** A tree of zeros, or of pages captured at this depth. */
  constructor(depth: number, pages?: Pages) {
    this.depth = depth
    this.#levels = Math.max(depth, PAGE_LEVELS)
    this.#pages = pages
  }

  /** Takes the contents as they are now. What did not change since the last time will not be hashed again. */
  update(contents: Contents): void {
    const last = contents.at(-1)
    if (last !== undefined && endOf(last) > 2 ** this.depth) {
      throw new RangeError(`Contents up to leaf ${endOf(last)} do not fit ${2 ** this.depth} leaves.`)
    }
    this.#pages = capture(contents, this.#levels, this.#pages)
  }

  /** The contents as last taken: immutable, and at no cost. */
  get pages(): Pages {
    return this.#pages
  }

  set pages(pages: Pages) {
    this.#pages = pages
  }

  get contents(): Contents {
    return contentsOf(this.#pages, this.#levels)
  }

  /** Hashes what changed since it was last asked for. */
  get root(): Uint8Array {
    return this.node(this.depth, 0)
  }

  leaf(index: number): Uint8Array {
    return this.node(0, index)
  }

  /** Of the path of a leaf: the sibling at that level (0 = the leaf's own neighbour). */
  sibling(leaf: number, level: number): Uint8Array {
    const index = Math.floor(leaf / 2 ** level)
    return this.node(level, index % 2 === 0 ? index + 1 : index - 1)
  }

  /** A copy of node `index` of a level, counted from the leaves. */
  node(level: number, index: number): Uint8Array {
    return pagesNode(this.#pages, this.#levels, level, index).slice()
  }
}
