/**
 * Where the operands of the function that is compiled are. Those below some height are in locals, each in that of its
 * height and type; those above are on WebAssembly's stack.
 */
import type { BodyValidator } from '../wasm/bodyValidator.ts'
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'

export class OperandStack {
  /** How many are in locals. */
  inLocals = 0
  private readonly walk: BodyValidator
  private readonly out: Writer
  /** Makes a local of a type. */
  private readonly addLocal: (type: number) => number
  /** Locals by height and type, in the order in which they were made. */
  private readonly locals = new Map<number, number>()
  private readonly slots = new Map<number, number>()

  constructor(walk: BodyValidator, out: Writer, addLocal: (type: number) => number) {
    this.walk = walk
    this.out = out
    this.addLocal = addLocal
  }

  begin(): void {
    this.inLocals = 0
    this.locals.clear()
    this.slots.clear()
  }

  /** The locals that operands were put in, with their types. */
  *all(): Generator<{ local: number; type: number }> {
    for (const [key, local] of this.locals) yield { local, type: key & 0xff }
  }

  /** Those that the operands now are in, if all are in locals. */
  *now(): Generator<{ local: number; type: number }> {
    for (let height = 0; height < this.walk.height; height++) {
      yield { local: this.localOf(height), type: this.walk.types[height]! }
    }
  }

  /** Which of {@link all} the operand at that height is in, by its type now. */
  slotOf(height: number): number {
    return this.slots.get(this.keyOf(height))!
  }

  /** Puts all operands into locals. */
  flush(): void {
    const { walk, out } = this
    for (let height = walk.height - 1; height >= this.inLocals; height--) {
      out.u8(OP.localSet)
      out.u32(this.localOf(height))
    }
    this.inLocals = walk.height
  }

  /** Puts the top operands on WebAssembly's stack, for an instruction that takes so many. */
  take(count: number): void {
    const from = this.walk.height - count
    if (from >= this.inLocals) return
    if (this.inLocals < this.walk.height) this.flush()
    this.get(from, this.walk.height)
    this.inLocals = from
  }

  /** Copies operands, which are in locals, to WebAssembly's stack. */
  get(from: number, to: number): void {
    for (let height = from; height < to; height++) {
      this.out.u8(OP.localGet)
      this.out.u32(this.localOf(height))
    }
  }

  private localOf(height: number): number {
    const key = this.keyOf(height)
    let local = this.locals.get(key)
    if (local === undefined) {
      local = this.addLocal(key & 0xff)
      this.slots.set(key, this.locals.size)
      this.locals.set(key, local)
    }
    return local
  }

  private keyOf(height: number): number {
    return height * 256 + this.walk.types[height]!
  }
}
