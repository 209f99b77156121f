/**
 * Steps are not subtracted from those that are left where they are done. At each place of the code some are *pending*,
 * as many on all ways that lead there: the first branch to a label says how many, and later ones subtract the
 * difference.
 */
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Locals } from './locals.ts'

const UNSET = -1

export class StepCounter {
  pending = 0
  private readonly out: Writer
  private readonly locals: Locals
  private counts = false
  /** By control frame: what is pending at its label, and what was at its `if`. */
  private readonly atLabel: Int32Array
  private readonly atIf: Int32Array

  constructor(out: Writer, locals: Locals, nesting: number) {
    this.out = out
    this.locals = locals
    this.atLabel = new Int32Array(nesting + 2)
    this.atIf = new Int32Array(nesting + 2)
  }

  /** @param counts whether the function subtracts at all */
  begin(counts: boolean, pending: number): void {
    this.counts = counts
    this.pending = pending
    this.atLabel[0] = UNSET
  }

  enter(frame: number, isLoop: boolean): void {
    this.atLabel[frame] = isLoop ? this.pending : UNSET
    this.atIf[frame] = this.pending
  }

  /** The `if` has no `else`, and leads to its label. */
  reachFromIf(frame: number): void {
    this.difference(frame, this.atIf[frame]!)
  }

  /** The code goes on from the `if`, at its `else` or in place of one. @returns what it differs by from the label */
  backToIf(frame: number): number {
    this.pending = this.atIf[frame]!
    return this.isReached(frame) ? this.pending - this.atLabel[frame]! : 0
  }

  /** Whether some way leads to the label. */
  isReached(frame: number): boolean {
    return this.atLabel[frame] !== UNSET
  }

  /** What would have to be subtracted on a way to the label with so many pending; the first way says that it is 0. */
  difference(frame: number, pending: number): number {
    if (this.atLabel[frame] === UNSET) this.atLabel[frame] = pending
    return pending - this.atLabel[frame]!
  }

  /** Brings what is pending to what it is at the label. */
  settle(frame: number): void {
    this.subtract(this.difference(frame, this.pending))
    this.atEnd(frame)
  }

  /** Behind the label. */
  atEnd(frame: number): void {
    this.pending = this.atLabel[frame]!
  }

  subtract(steps: number): void {
    if (steps === 0 || !this.counts) return
    this.put(OP.localGet)
    this.out.u8(OP.i64Const)
    this.out.signed(steps)
    this.out.u8(OP.i64Sub)
    this.put(OP.localSet)
  }

  /** Leaves the steps left on the stack, with nothing pending. */
  push(): void {
    this.put(OP.localGet)
    if (this.pending !== 0) {
      this.out.u8(OP.i64Const)
      this.out.signed(this.pending)
      this.out.u8(OP.i64Sub)
    }
    this.pending = 0
  }

  /** Writes an instruction on the local of the steps left. */
  put(op: number): void {
    this.out.u8(op)
    this.out.u32(this.locals.left)
  }
}
