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
  readonly results: number
  /** Type of each slot of the record. */
  readonly types: Uint8Array
}

/** What stands where compiled code can stop. */
export const SITE = {
  /** A function's start, a loop's head, the return of a call, an instruction of many steps: it can go on from there. */
  entry: 0,
  loop: 1,
  call: 2,
  long: 3,
  /** The program ends there. */
  end: 4,
} as const

export interface Site {
  /** One of {@link SITE}. */
  readonly kind: number
  /** The function's number among the program's own, and the number of its frame's shape. */
  readonly functionIndex: number
  readonly shape: number
  /** Where the program goes on, and of the WebAssembly instruction there or before: its offset. */
  readonly pc: number
  readonly offset: number
  /** Steps that are done and not counted yet. */
  readonly pending: number
  /** Operands when it goes on; `below`: those under the arguments of a call that did not return. */
  readonly height: number
  readonly below: number
  /** By operand: its slot in the record. */
  readonly operandSlots: Uint32Array
}

const FIELDS = 9

/** Every site has a number. */
export class Sites {
  /** Of the program's own functions, and of those that go on from a site. */
  readonly shapes: FrameShape[] = []
  private readonly entries = new Numbers()
  private readonly operands = new Numbers()

  get count(): number {
    return this.entries.length / FIELDS
  }

  add(site: Omit<Site, 'operandSlots'>, operandSlot: (operand: number) => number): number {
    const { entries, operands, count } = this
    const { kind, functionIndex, shape, pc, offset, pending, height, below } = site
    for (const field of [kind, functionIndex, shape, pc, offset, pending, height, below, operands.length]) {
      entries.push(field)
    }
    for (let i = 0; i < height; i++) operands.push(operandSlot(i))
    return count
  }

  at(index: number): Site {
    const [kind, functionIndex, shape, pc, offset, pending, height, below, first] =
      this.entries.data.subarray(index * FIELDS, (index + 1) * FIELDS) as unknown as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ]
    const operandSlots = this.operands.data.subarray(first, first + height)
    return { kind, functionIndex, shape, pc, offset, pending, height, below, operandSlots }
  }

  /**
   * The number of a site where compiled code can go on at pc, among the first `count`, which stand in the code's order.
   *
   * @param count of the sites of the whole program, before those that were added for going on
   */
  resumableAt(pc: number, count: number): number | undefined {
    const pcOf = (index: number) => this.entries.data[index * FIELDS + 3]!
    let [low, high] = [0, count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (pcOf(middle) < pc) low = middle + 1
      else high = middle
    }
    for (let index = low; index < count && pcOf(index) === pc; index++) {
      if (this.entries.data[index * FIELDS] !== SITE.end) return index
    }
    return undefined
  }
}
