/**
 * States that a run came through, from which it can be taken on again. How many there are is bounded, and so are the
 * bytes of theirs that are in memory: the rest of their pages lies in a store. Where there is none, those go that are
 * reached again from others in the fewest steps.
 */
import { PAGE_BYTES, type Page } from '../state/page.ts'
import type { PageStore } from '../state/pageStore.ts'
import { countNew, type Pages, pagesIn } from '../state/pages.ts'
import { CHANGING, type Snapshot } from '../state/stateTrees.ts'

/** Of all steps: what is asked for in one game is less. */
const MOST = 512

export class Snapshots {
  /** Ascending by step. The first one is never let go. */
  #all: Snapshot[]
  readonly #memoryBytes: number
  readonly #store: PageStore | undefined
  /** Bytes of pages in memory, or more. */
  #bytes = 0
  /** What they may be: more than was given where the present state alone is larger. */
  #limit: number

  constructor(first: Snapshot, memoryBytes: number, store?: PageStore) {
    this.#all = [first]
    this.#memoryBytes = memoryBytes
    this.#limit = memoryBytes
    this.#store = store
    this.#bytes = PAGE_BYTES * newPages(first)
  }

  /** The last one at a step or before it. */
  nearest(step: bigint): Snapshot {
    return this.#all[Math.max(0, this.#behind(step) - 1)]!
  }

  get count(): number {
    return this.#all.length
  }

  /** Bytes of pages in memory, at most. */
  get bytes(): number {
    return this.#bytes
  }

  /** Keeps a state, which is the present one. */
  keep(snapshot: Snapshot): void {
    const at = this.#behind(snapshot.step)
    const before = this.#all[at - 1]!
    this.#bytes += PAGE_BYTES * newPages(snapshot, before)
    if (before.step !== snapshot.step) this.#all.splice(at, 0, snapshot)
    if (this.#all.length > MOST) this.#dropLeast(snapshot)
    if (this.#bytes > this.#limit) this.#makeRoom(snapshot)
  }

  /** Lets go of those at steps that are no multiple of this one. */
  thin(stride: bigint): void {
    this.#all = this.#all.filter(({ step }, i) => i === 0 || step % stride === 0n)
  }

  /** How many are at steps behind the first that are multiples of this one. */
  countAt(stride: bigint): number {
    return this.#all.reduce((sum, { step }, i) => (i > 0 && step % stride === 0n ? sum + 1 : sum), 0)
  }

  /** Pages were read again, beside the present state's. */
  recount(present: Snapshot): void {
    this.#bytes = PAGE_BYTES * [...this.#pages()].filter((page) => !page.isShelved).length
    if (this.#bytes > this.#limit) this.#makeRoom(present)
  }

  #makeRoom(present: Snapshot): void {
    const needed = new Set<Pages>()
    const kept = [...pagesOf(this.#all[0]!, needed), ...pagesOf(present, needed)].length * PAGE_BYTES
    if (this.#store) {
      for (const page of this.#pages(needed)) page.shelve(this.#store)
      this.#bytes = kept
    } else {
      while (this.#all.length > 1 && this.#count() > this.#memoryBytes) this.#dropLeast(undefined)
      this.#bytes = this.#count()
    }
    // Not again for a few pages only, if the state itself fills it.
    this.#limit = Math.max(this.#memoryBytes, Math.ceil(1.25 * kept))
  }

  #count(): number {
    return PAGE_BYTES * [...this.#pages()].length
  }

  /** Those of the finest step: others lie close to them. */
  #dropLeast(present: Snapshot | undefined): void {
    let least = 1
    for (let i = 1; i < this.#all.length; i++) {
      if (this.#all[i] !== present && fineness(this.#all[i]!) < fineness(this.#all[least]!)) least = i
    }
    this.#all.splice(least, 1)
  }

  *#pages(seen = new Set<Pages>()): Generator<Page> {
    for (const snapshot of this.#all) yield* pagesOf(snapshot, seen)
  }

  /** How many are at the step or before it. */
  #behind(step: bigint): number {
    let [low, high] = [0, this.#all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#all[middle]!.step <= step) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The least power of two by which the step cannot be divided: of the games' splits, the level. */
function fineness({ step }: Snapshot): bigint {
  return step & -step
}

function* pagesOf(snapshot: Snapshot, seen: Set<Pages>): Generator<Page> {
  for (const region of CHANGING) yield* pagesIn(snapshot[region], seen)
}

function newPages(snapshot: Snapshot, before?: Snapshot): number {
  return CHANGING.reduce((sum, region) => sum + countNew(snapshot[region], before?.[region]), 0)
}
