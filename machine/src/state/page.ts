/**
 * 4 KiB of a region, which never change, and what is known of their hashes.
 *
 * A page is made of eight stripes. Of a page that followed another one only the stripes that differ are hashed: programs
 * mostly write a few words of a page.
 */
import { toHex } from '../io/hash.ts'
import { hashTree, isHashed, leaves, nodesOf, rootOf } from '../io/hashTree.ts'
import { LEAF_BYTES } from '../io/merkle.ts'
import { HostAbortError } from '../run/errors.ts'
import type { PageStore } from './pageStore.ts'

/** Levels over the leaves of a page, and its bytes. */
export const PAGE_LEVELS = 7
export const PAGE_BYTES = LEAF_BYTES * 2 ** PAGE_LEVELS

const STRIPE_LEVELS = 4
const STRIPE_BYTES = LEAF_BYTES * 2 ** STRIPE_LEVELS
const STRIPES = 2 ** (PAGE_LEVELS - STRIPE_LEVELS)
const ALL_STRIPES = 2 ** STRIPES - 1

const PAGE_WORDS = PAGE_BYTES / 8
const STRIPE_WORDS = STRIPE_BYTES / 8

export class Page {
  /** Undefined while they are in the store alone. */
  #words: BigInt64Array | undefined
  #store: PageStore | undefined = undefined
  #root: Uint8Array | undefined = undefined
  /** Roots of the stripes, never written to: pages share them. */
  #stripes: Uint8Array | undefined
  /** Of which stripes the roots are another page's, by bits. */
  #stale: number

  private constructor(words: BigInt64Array, stripes: Uint8Array | undefined, stale: number) {
    this.#words = words
    this.#stripes = stripes
    this.#stale = stale
  }

  /** The page that these words are: the one before if they are the same, nothing if they are zero. */
  static of(words: BigInt64Array, at: number, before: Page | undefined): Page | undefined {
    const changes = before === undefined ? ALL_STRIPES : before.#changes(words, at)
    if (changes === 0) return before
    if (isZero(words, at)) return undefined
    const own = words.slice(at, at + PAGE_WORDS)
    if (before === undefined) return new Page(own, undefined, changes)
    return new Page(own, before.#stripes, before.#stale | changes)
  }

  /** Not to be written to. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#contents.buffer)
  }

  /** Leaves the contents to a store, from where they come back when they are read. */
  shelve(store: PageStore): void {
    if (this.#words === undefined) return
    const key = keyOf(this.root)
    if (this.#store !== store) store.put(key, new Uint8Array(this.#words.buffer))
    this.#store = store
    this.#words = undefined
    this.#stripes = undefined
    this.#stale = ALL_STRIPES
  }

  get isShelved(): boolean {
    return this.#words === undefined
  }

  get isHashed(): boolean {
    return this.#root !== undefined
  }

  get #contents(): BigInt64Array {
    if (this.#words !== undefined) return this.#words
    const bytes = this.#store!.get(keyOf(this.#root!)).slice()
    if (bytes.length !== PAGE_BYTES)
      throw new HostAbortError('a page came back from its store with other bytes')
    this.#words = new BigInt64Array(bytes.buffer)
    const root = this.#hashAll()
    if (keyOf(root) !== keyOf(this.#root!)) {
      this.#words = undefined
      throw new HostAbortError('a page came back from its store with other bytes')
    }
    return this.#words
  }

  /** Not to be written to. */
  get root(): Uint8Array {
    this.#root ??= this.#stripes === undefined ? this.#hashAll() : this.#hashStale(this.#stripes)
    return this.#root
  }

  /** A copy of a node, counted from the leaves. */
  node(level: number, index: number): Uint8Array {
    if (level === 0) return this.bytes.slice(LEAF_BYTES * index, LEAF_BYTES * (index + 1))
    if (!isHashed(this)) this.#hashAll()
    return nodesOf(PAGE_LEVELS, level, index)
  }

  #hashAll(): Uint8Array {
    leaves.set(this.bytes)
    hashTree(PAGE_LEVELS, this)
    this.#keep(nodesOf(PAGE_LEVELS, STRIPE_LEVELS, 0, STRIPES))
    return rootOf(PAGE_LEVELS)
  }

  #hashStale(before: Uint8Array): Uint8Array {
    const stripes = before.slice()
    for (let i = 0; i < STRIPES; i++) {
      if (((this.#stale >> i) & 1) === 0) continue
      leaves.set(new Uint8Array(this.#contents.buffer, STRIPE_BYTES * i, STRIPE_BYTES))
      hashTree(STRIPE_LEVELS)
      stripes.set(rootOf(STRIPE_LEVELS), LEAF_BYTES * i)
    }
    this.#keep(stripes)
    leaves.set(stripes)
    hashTree(PAGE_LEVELS - STRIPE_LEVELS)
    return rootOf(PAGE_LEVELS - STRIPE_LEVELS)
  }

  #keep(stripes: Uint8Array): void {
    this.#stripes = stripes
    this.#stale = 0
  }

  /** The stripes in which words differ from the page's, by bits. */
  #changes(words: BigInt64Array, at: number): number {
    const own = this.#contents
    let changes = 0
    for (let i = 0; i < STRIPES; i++) {
      if (!isSame(words, at + STRIPE_WORDS * i, own, STRIPE_WORDS * i)) changes |= 1 << i
    }
    return changes
  }
}

const keyOf = (root: Uint8Array): string => toHex(root).slice(2)

function isZero(words: BigInt64Array, at: number): boolean {
  for (let i = 0; i < PAGE_WORDS; i++) if (words[at + i] !== 0n) return false
  return true
}

/** Whether stripes are the same. */
function isSame(a: BigInt64Array, at: number, b: BigInt64Array, from: number): boolean {
  // Four at a time: it is the whole cost of an update that finds little, and takes half the time so.
  for (let i = 0; i < STRIPE_WORDS; i += 4) {
    if (a[at + i] !== b[from + i] || a[at + i + 1] !== b[from + i + 1]) return false
    if (a[at + i + 2] !== b[from + i + 2] || a[at + i + 3] !== b[from + i + 3]) return false
  }
  return true
}
