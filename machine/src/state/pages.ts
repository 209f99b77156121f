/**
 * A region's contents at one moment, as an immutable tree of pages of 4 KiB.
 *
 * `capture` finds by comparing what changed since an earlier moment; all else is shared with it, down to the arrays. So
 * a moment costs the pages that changed, and the hash of a page, kept in it, is made once however many moments share it.
 * Pages of zeros are not stored.
 */
import { hashTree, isHashed, leaves, nodesOf, rootOf } from '../io/hashTree.ts'
import { LEAF_BYTES } from '../io/merkle.ts'
import { PAGE_BYTES, PAGE_LEVELS, Page } from './page.ts'
import type { Contents, Extent } from './state.ts'

/** Levels that a branch spans; that at the top spans what remains. */
const BRANCH_LEVELS = 4

class Branch {
  readonly children: readonly Pages[]
  root: Uint8Array | undefined

  constructor(children: readonly Pages[]) {
    this.children = children
    this.root = undefined
  }
}

/** The tree over a stretch of a region; nothing where all of it is zero. */
export type Pages = Page | Branch | undefined

const ZERO = new Uint8Array(LEAF_BYTES)

/** The contents of a region of `2^levels` leaves, `levels` at least `PAGE_LEVELS`, sharing what is as it was `before`. */
export function capture(contents: Contents, levels: number, before?: Pages): Pages {
  return captureAt(new Source(contents), 0, levels, before)
}

function captureAt(source: Source, leaf: number, levels: number, before: Pages): Pages {
  if (!source.reaches(leaf, 2 ** levels)) return undefined
  if (levels === PAGE_LEVELS) return source.page(leaf, before as Page | undefined)
  const old = (before as Branch | undefined)?.children
  const below = levelsBelow(levels)
  let children: Pages[] | undefined
  let some = false
  for (let i = 0; i < 2 ** (levels - below); i++) {
    const child = captureAt(source, leaf + i * 2 ** below, below, old?.[i])
    some ||= child !== undefined
    if (child === old?.[i]) continue
    children ??= old ? [...old] : new Array(2 ** (levels - below)).fill(undefined)
    children[i] = child
  }
  if (!some) return undefined
  return children ? new Branch(children) : before
}

/** Levels of the children of a branch of `levels`: whole spans from the pages up. */
function levelsBelow(levels: number): number {
  return levels - (((levels - PAGE_LEVELS - 1) % BRANCH_LEVELS) + 1)
}

/** Contents that are read from the first leaf to the last. */
class Source {
  readonly #contents: Contents
  /** For each extent its 64-bit words, if it lies where they can be seen. */
  readonly #words: readonly (BigInt64Array | undefined)[]
  /** The first extent that may still be read. */
  #at = 0

  constructor(contents: Contents) {
    this.#contents = contents
    this.#words = contents.map(({ bytes }) =>
      bytes.byteOffset % 8 === 0
        ? new BigInt64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 8))
        : undefined,
    )
  }

  /** Whether an extent reaches into the stretch. Stretches are asked for in ascending order. */
  reaches(leaf: number, count: number): boolean {
    while (this.#at < this.#contents.length && endOf(this.#contents[this.#at]!) <= leaf) this.#at++
    return this.#at < this.#contents.length && this.#contents[this.#at]!.leaf < leaf + count
  }

  /** The page at `leaf`: the one before if nothing changed, nothing if it is zero. */
  page(leaf: number, before: Page | undefined): Page | undefined {
    const extent = this.#contents[this.#at]!
    const offset = LEAF_BYTES * (leaf - extent.leaf)
    let words = this.#words[this.#at]
    let at = offset / 8
    if (words === undefined || offset < 0 || offset + PAGE_BYTES > extent.bytes.length) {
      words = this.#gather(leaf)
      at = 0
    }
    return Page.of(words, at, before)
  }

  /** A page of which the extents hold parts. */
  #gather(leaf: number): BigInt64Array {
    const page = new Uint8Array(PAGE_BYTES)
    for (let i = this.#at; i < this.#contents.length; i++) {
      const { leaf: start, bytes } = this.#contents[i]!
      const offset = LEAF_BYTES * (start - leaf)
      if (offset >= PAGE_BYTES) break
      page.set(bytes.subarray(Math.max(0, -offset), PAGE_BYTES - offset), Math.max(0, offset))
    }
    return new BigInt64Array(page.buffer)
  }
}

/** The leaf behind an extent. */
export function endOf({ leaf, bytes }: Extent): number {
  return leaf + Math.ceil(bytes.length / LEAF_BYTES)
}

/** The pages as contents again. Not to be written to. */
export function contentsOf(pages: Pages, levels: number): Contents {
  return [...extentsOf(pages, 0, levels)]
}

function* extentsOf(pages: Pages, leaf: number, levels: number): Generator<Extent> {
  if (pages instanceof Page) yield { leaf, bytes: pages.bytes }
  if (!(pages instanceof Branch)) return
  const below = levelsBelow(levels)
  for (const [i, child] of pages.children.entries()) yield* extentsOf(child, leaf + i * 2 ** below, below)
}

/** Pages of trees that nobody has seen yet, each once. */
export function* pagesIn(pages: Pages, seen: Set<Pages>): Generator<Page> {
  if (pages === undefined || seen.has(pages)) return
  seen.add(pages)
  if (pages instanceof Page) yield pages
  else for (const child of pages.children) yield* pagesIn(child, seen)
}

/** Pages that are not what they were before. */
export function* newPagesIn(pages: Pages, before: Pages): Generator<Page> {
  if (pages === undefined || pages === before) return
  if (pages instanceof Page) {
    yield pages
    return
  }
  const old = (before as Branch | undefined)?.children
  for (const [i, child] of pages.children.entries()) yield* newPagesIn(child, old?.[i])
}

/** The root of the tree over `2^levels` leaves. Not to be written to. */
export function pagesRoot(pages: Pages, levels: number): Uint8Array {
  if (pages === undefined) return ZERO
  if (pages instanceof Branch && pages.root === undefined) pages.root = rootOf(hash(pages, levels))
  return pages.root!
}

/** Node `index` of `level`, counted from the leaves. Not to be written to. */
export function pagesNode(pages: Pages, levels: number, level: number, index: number): Uint8Array {
  if (pages === undefined) return ZERO
  if (level === levels) return pagesRoot(pages, levels)
  if (pages instanceof Page) return pages.node(level, index)
  const below = levelsBelow(levels)
  if (level >= below) return nodesOf(hash(pages, levels), level - below, index)
  const width = 2 ** (below - level)
  return pagesNode(pages.children[Math.floor(index / width)], below, level, index % width)
}

/** Hashes the nodes between a branch and its children. Says how many levels that were. */
function hash(branch: Branch, levels: number): number {
  const below = levelsBelow(levels)
  if (isHashed(branch)) return levels - below
  // All of them before the first is put down: hashing a child uses the same place.
  const roots = branch.children.map((child) => pagesRoot(child, below))
  for (const [i, root] of roots.entries()) leaves.set(root, LEAF_BYTES * i)
  hashTree(levels - below, branch)
  return levels - below
}
