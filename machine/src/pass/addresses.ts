/**
 * What is known of i32 operands and locals within a basic block: that one is another one plus a constant. So two
 * addresses can be seen to differ by a number that is known.
 */

/** The origin of a constant. */
const ZERO = -1

/** More origins in a sum are not told apart. */
const MOST_TERMS = 4

/** Locals whose sum less that of others is how far two origins are apart. */
export interface Difference {
  readonly plus: readonly number[]
  readonly minus: readonly number[]
}

export class Addresses {
  /** By operand: where it comes from (0: not known yet) and what was added. */
  private readonly origin: Int32Array
  private readonly added: Int32Array
  /** By local: the same, and the block in which it was found. */
  private readonly localOrigin: Int32Array
  private readonly localAdded: Int32Array
  private readonly localBlock: Int32Array
  private block = 0
  private last = 0

  /** Whether sums of origins are kept, for {@link difference}. */
  private keepsSums = false
  /** By origin: those that it is the sum of, in order; the local that held it when the block began. */
  private readonly terms = new Map<number, readonly number[]>()
  private readonly localOf = new Map<number, number>()
  private readonly sums = new Map<string, number>()

  constructor(operands: number, locals: number) {
    this.origin = new Int32Array(operands + 1)
    this.added = new Int32Array(operands + 1)
    this.localOrigin = new Int32Array(locals)
    this.localAdded = new Int32Array(locals)
    this.localBlock = new Int32Array(locals)
  }

  /** Locals may have come over several ways. */
  startBlock(): void {
    this.block++
  }

  /** Starts a block, and keeps sums until {@link endSums}. */
  startSums(): void {
    this.startBlock()
    this.keepsSums = true
  }

  endSums(): void {
    this.keepsSums = false
    for (const map of [this.terms, this.localOf, this.sums]) map.clear()
  }

  /** Nothing is known of the operand. */
  forget(at: number): void {
    this.origin[at] = 0
  }

  constant(at: number, value: number): void {
    this.origin[at] = ZERO
    this.added[at] = value
  }

  get(at: number, local: number): void {
    if (this.localBlock[local] !== this.block) {
      this.localBlock[local] = this.block
      this.localOrigin[local] = ++this.last
      this.localAdded[local] = 0
      if (this.keepsSums) this.localOf.set(this.last, local)
    }
    this.origin[at] = this.localOrigin[local]!
    this.added[at] = this.localAdded[local]!
  }

  set(at: number, local: number): void {
    this.localBlock[local] = this.block
    this.localOrigin[local] = this.originOf(at)
    this.localAdded[local] = this.added[at]!
  }

  /** The sum of an operand and the one above takes the place of the first. */
  add(at: number): void {
    const isConstant = this.origin[at] === ZERO
    if (!isConstant && this.origin[at + 1] !== ZERO) {
      if (!this.keepsSums) {
        this.origin[at] = 0
        return
      }
      this.origin[at] = this.sum(this.originOf(at), this.originOf(at + 1))
    } else this.origin[at] = isConstant ? this.originOf(at + 1) : this.originOf(at)
    this.added[at] = (this.added[at]! + this.added[at + 1]!) | 0
  }

  /** A number for the operand's origin; two operands of one origin differ by what was added to them. */
  originOf(at: number): number {
    if (this.origin[at] === 0) {
      this.origin[at] = ++this.last
      this.added[at] = 0
    }
    return this.origin[at]!
  }

  addedTo(at: number): number {
    return this.added[at]!
  }

  /** By what locals one origin lies beyond another, as they were when the block began. Null if it is not known. */
  difference(origin: number, other: number): Difference | null {
    const minus = [...this.termsOf(other)]
    const plus = this.termsOf(origin).filter((term) => {
      const at = minus.indexOf(term)
      if (at >= 0) minus.splice(at, 1)
      return at < 0
    })
    const locals = (terms: readonly number[]) => terms.map((term) => this.localOf.get(term) ?? -1)
    const found = { plus: locals(plus), minus: locals(minus) }
    return found.plus.includes(-1) || found.minus.includes(-1) ? null : found
  }

  private termsOf(origin: number): readonly number[] {
    return origin === ZERO ? [] : (this.terms.get(origin) ?? [origin])
  }

  private sum(a: number, b: number): number {
    const terms = [...this.termsOf(a), ...this.termsOf(b)].sort((x, y) => x - y)
    if (terms.length > MOST_TERMS) return ++this.last
    const key = terms.join()
    let origin = this.sums.get(key)
    if (origin === undefined) {
      origin = ++this.last
      this.sums.set(key, origin)
      this.terms.set(origin, terms)
    }
    return origin
  }
}
