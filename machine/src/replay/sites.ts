/** Where compiled code can stop, and what of a frame is alive there. */

/** Numbers that grow. */
class Numbers {
  data = new Uint32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Uint32Array(this.length * 2)
      grown.set(this.data)
      this.data = grown
    }
    this.data[this.length++] = value
  }
}

/** A frame's shape, as compiled code writes it when it stops: slots of parameters and locals, then of operands. */
export interface FrameShape {
  readonly params: number
  readonly locals: number
  /** Type of each slot of the record. */
  readonly types: Uint8Array
}

const FIELDS = 6

/** A place is a number; each has an entry in every column. */
export class Sites {
  readonly shapes: FrameShape[] = []
  private readonly entries = new Numbers()
  private readonly operands = new Numbers()

  get count(): number {
    return this.entries.length / FIELDS
  }

  /**
   * @param site.pc where it goes on
   * @param site.pending steps that are done and not counted yet
   * @param site.height operands when it goes on; `below`: those that are there while a function is called
   * @param operandSlots by operand: its slot in the record
   */
  add(
    site: { pc: number; pending: number; height: number; below: number },
    functionIndex: number,
    operandSlots: (operand: number) => number,
  ): number {
    const { entries, operands } = this
    const index = this.count
    entries.push(functionIndex)
    entries.push(site.pc)
    entries.push(site.pending)
    entries.push(site.height)
    entries.push(site.below)
    entries.push(operands.length)
    for (let i = 0; i < site.height; i++) operands.push(operandSlots(i))
    return index
  }

  at(index: number): Site {
    const [functionIndex, pc, pending, height, below, first] = this.entries.data.subarray(
      index * FIELDS,
      (index + 1) * FIELDS,
    ) as unknown as [number, number, number, number, number, number]
    const shape = this.shapes[functionIndex]!
    return {
      shape,
      pc,
      pending,
      height,
      below,
      operandSlots: this.operands.data.subarray(first, first + height),
    }
  }
}

export interface Site {
  readonly shape: FrameShape
  readonly pc: number
  readonly pending: number
  readonly height: number
  readonly below: number
  readonly operandSlots: Uint32Array
}
