/**
 * What is known of i32 operands and locals within a basic block: that one is another one plus a constant. So two
 * addresses can be seen to differ by a number that is known.
 */

/** The origin of a constant. */
const ZERO = -1

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
      this.origin[at] = 0
      return
    }
    const origin = isConstant ? this.originOf(at + 1) : this.originOf(at)
    this.origin[at] = origin
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
}
