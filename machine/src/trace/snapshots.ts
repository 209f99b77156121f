/**
 * States that a run came through, from which it can be taken on again. How many there are is bounded, and so are the
 * bytes of theirs that are in memory: the rest of their pages lies in a store, but for states that are sooner reached
 * again than put there. Where there is no store, or no room in it, those go that are reached again from others in the
 * fewest steps, and later those that were not used for long: a game goes into one section and does not come back.
 */
import { PAGE_BYTES, type Page } from '../state/page.ts'
import { type PageStore, StoreFullError } from '../state/pageStore.ts'
import { newPagesIn, type Pages, pagesIn } from '../state/pages.ts'
import { CHANGING, type Snapshot } from '../state/stateTrees.ts'

/** Of all steps: what is asked for in one game is less. */
const MOST = 512

/** What the machine does while a byte is put into a store, and while it is hashed. */
const STEPS_TO_PUT = 3
const STEPS_TO_HASH = 12

export class Snapshots {
  /** Ascending by step. The first one is never let go. */
  #all: Snapshot[]
  readonly #memoryBytes: number
  #store: PageStore | undefined
  /** Bytes of pages in memory, or more. */
  #bytes = 0
  /** When each was used last, counted in uses. */
  readonly #uses = new WeakMap<Snapshot, number>()
  #count = 0
  /** Which is given up first: that of the least. */
  #least: (snapshot: Snapshot) => bigint | number = fineness
  /** What they may be: more than was given where the present state alone is larger. */
  #limit: number

  constructor(first: Snapshot, memoryBytes: number, store?: PageStore) {
    this.#all = [first]
    this.#memoryBytes = memoryBytes
    this.#limit = memoryBytes
    this.#store = store
    this.#bytes = this.#inMemory()
  }

  /** The last one at a step or before it. */
  nearest(step: bigint): Snapshot {
    return this.#used(this.#all[Math.max(0, this.#behind(step) - 1)]!)
  }

  get count(): number {
    return this.#all.length
  }

  /** Bytes of pages in memory, at most. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Keeps a state, which is the present one.
   *
   * @param isAhead on the way forward, where nobody knows which will be asked for
   */
  keep(snapshot: Snapshot, isAhead: boolean): void {
    this.#least = isAhead ? fineness : (one) => this.#uses.get(one) ?? 0
    this.#used(snapshot)
    const at = this.#behind(snapshot.step)
    const before = this.#all[at - 1]!
    this.#bytes += PAGE_BYTES * [...newIn(snapshot, before)].length
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
    this.#bytes = this.#inMemory()
    if (this.#bytes > this.#limit) this.#makeRoom(present)
  }

  #makeRoom(present: Snapshot): void {
    const needed = new Set<Pages>()
    const kept = [...pagesOf(this.#all[0]!, needed), ...pagesOf(present, needed)].length * PAGE_BYTES
    if (this.#store) {
      this.#dropDear(present)
      this.#shelve(this.#store, needed)
    }
    while (this.#all.length > 1 && this.#inMemory() > Math.max(this.#memoryBytes, kept)) {
      this.#dropLeast(undefined)
    }
    this.#bytes = this.#inMemory()
    // Not again for a few pages only, if the state itself fills it.
    this.#limit = Math.max(this.#memoryBytes, Math.ceil(1.25 * kept))
  }

  #shelve(store: PageStore, needed: Set<Pages>): void {
    try {
      for (const page of this.#pages(new Set(needed))) page.shelve(store)
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error
      this.#store = undefined
    }
  }

  /** Lets go of what is sooner reached from the one before than put away. */
  #dropDear(present: Snapshot): void {
    for (let i = this.#all.length - 1; i > 0; i--) {
      const [before, snapshot] = [this.#all[i - 1]!, this.#all[i]!]
      if (snapshot === present) continue
      let steps = 0
      for (const page of newIn(snapshot, before)) {
        if (page.isShelved) continue
        steps += PAGE_BYTES * (page.isHashed ? STEPS_TO_PUT : STEPS_TO_PUT + STEPS_TO_HASH)
      }
      if (BigInt(steps) > snapshot.step - before.step) this.#all.splice(i, 1)
    }
  }

  #inMemory(): number {
    let count = 0
    for (const page of this.#pages()) if (!page.isShelved) count++
    return PAGE_BYTES * count
  }

  /** On the way forward, one of the finest step: others lie close. Later one that was not used for long. */
  #dropLeast(present: Snapshot | undefined): void {
    let least = 1
    for (let i = 1; i < this.#all.length; i++) {
      if (this.#all[i] !== present && this.#least(this.#all[i]!) < this.#least(this.#all[least]!)) least = i
    }
    this.#all.splice(least, 1)
  }

  #used(snapshot: Snapshot): Snapshot {
    this.#uses.set(snapshot, ++this.#count)
    return snapshot
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

function* newIn(snapshot: Snapshot, before: Snapshot): Generator<Page> {
  for (const region of CHANGING) yield* newPagesIn(snapshot[region], before[region])
}
