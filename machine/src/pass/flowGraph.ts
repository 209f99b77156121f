/**
 * The control flow of all functions, as the walk over their bodies finds it.
 *
 * Blocks are numbered in the order of the code, by function from 0; control is structured, so every edge but one
 * back to a loop's head leads to a higher number. A loop's head is its first block. All of it lies in columns of
 * numbers: a large module has a million blocks.
 */

import type { Count } from './countedLoops.ts'

/** The target of an edge that leaves the function. */
export const EXIT = -1
/** The loop of a block that is in none. */
export const NO_LOOP = -1
/** The count of a loop that has none. */
export const UNCOUNTED = -1

/** A column of 32-bit numbers that grows. */
export class Column {
  data = new Int32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) {
      const data = new Int32Array(this.length * 2)
      data.set(this.data)
      this.data = data
    }
    this.data[this.length++] = value
  }
}

/** What is in `cost` is known of the code alone; what is called is added when the callee is known. */
export class FlowGraph {
  /** By function and one more: where its entries begin in each of the columns below. */
  readonly firstBlock = new Column()
  readonly firstEdge = new Column()
  readonly firstLoop = new Column()
  readonly firstCall = new Column()

  /** By block: fuel for its instructions. */
  readonly cost = new Column()
  /** By block: where a charge for it would stand in the code, and how many labels are around it there. */
  readonly position = new Column()
  readonly depth = new Column()
  /** By block: the innermost loop around it, or {@link NO_LOOP}. */
  readonly loop = new Column()
  /** By block: {@link BLOCK} */
  readonly flags = new Column()

  /** By edge, ascending by block. */
  readonly from = new Column()
  readonly to = new Column()

  /** By loop: the loop around it, its first block, where its `loop` stands. */
  readonly parent = new Column()
  readonly head = new Column()
  readonly before = new Column()
  /** By loop: how it counts, an index of `counts`, or {@link UNCOUNTED}. */
  readonly count = new Column()
  readonly counts: Count[] = []

  /** By call: the block, and the callee's final index, or −1 − type of an indirect one. */
  readonly callBlock = new Column()
  readonly callee = new Column()

  constructor() {
    this.endFunction()
  }

  /** What follows belongs to the next function. */
  endFunction(): void {
    this.firstBlock.push(this.cost.length)
    this.firstEdge.push(this.from.length)
    this.firstLoop.push(this.head.length)
    this.firstCall.push(this.callee.length)
  }

  /** Forgets what was added since the last function ended. */
  restartFunction(): void {
    const last = this.firstBlock.length - 1
    for (const column of [this.cost, this.position, this.depth, this.loop, this.flags]) {
      column.length = this.firstBlock.data[last]!
    }
    for (const column of [this.from, this.to]) column.length = this.firstEdge.data[last]!
    for (const column of [this.parent, this.head, this.before, this.count]) {
      column.length = this.firstLoop.data[last]!
    }
    for (const column of [this.callBlock, this.callee]) column.length = this.firstCall.data[last]!
  }

  get functions(): number {
    return this.firstBlock.length - 1
  }
}

export const BLOCK = {
  /** The fuel left may change in it by other means than its charge: a host's function, an instruction by length. */
  spends: 1,
} as const
