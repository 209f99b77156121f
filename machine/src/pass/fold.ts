/**
 * Decides where a function charges for its blocks, and how much: few places, never too little, not much too much.
 *
 * A *region* is a function's body or a loop's, without the loops inside it: each of those is one step of it. Within
 * a region control only goes forward. Some blocks of it are *points*: its first block, and those that are made so
 * below. A point charges, before anything of it runs, for the dearest way from there to the region's end or to
 * other points. So
 *
 *  - **fuel used ≥ instructions executed.** Take any block that runs and the last point passed before it in its
 *    region. The way between them runs through blocks that are no points, so what the point paid for is at least
 *    what this way costs: `most` of a block is its cost and no less than `most` of each next one that is no point.
 *    A loop on the way pays for itself each time around, at its head, which is the first block of its region.
 *    (A loop that counts pays for all its rounds before the first: `countedLoops.ts`.)
 *    Every instruction but the marks costs a unit or more (`weights.ts`).
 *  - **running out stops within a bounded number of instructions**: whatever runs was paid for before, and every
 *    round of a loop and every call passes a point that looks at what is left, or was paid for by one.
 *  - **not much too much.** `least` is the cheapest way from a block to the region's end (a trap counts as no way).
 *    A block may only prepay up to {@link FACTOR} × least + {@link SLACK}; a next block that asks for more becomes
 *    a point itself. What comes after that point counts for no more than {@link FORESIGHT}.
 *
 * Fuel at a trap, or where a call does not come back: every function on the stack has paid for what its last
 * points cover, executed or not. That follows from the program's own bytes, so it is the same on each engine.
 */
import { Column, EXIT, type FlowGraph, NO_LOOP } from './flowGraph.ts'

export const FACTOR = 2
/** Of some thirty instructions: one costs 1.6 units on average. */
export const SLACK = 52
export const FORESIGHT = 32

/** After as many rounds a block may be paid for twice rather than be looked at again. */
const ROUNDS = 6

/** More than any block costs: nothing follows. */
const NEVER = 0x3fffffff

const NOT_LISTED = -1

/** One function's blocks at a time; the buffers are kept. */
export class Folder {
  private readonly graph: FlowGraph
  /** By block of the graph: what it charges when it begins. */
  readonly charge = new Column()

  private most = new Int32Array(0)
  private least = new Int32Array(0)
  private isPoint = new Uint8Array(0)
  private loopMost = new Int32Array(0)
  private loopLeast = new Int32Array(0)
  /** By loop: its edges out, a list that is linked through `nextExit`. */
  private exits = new Int32Array(0)
  private nextExit = new Int32Array(0)
  /** By block, and one more for the function's end: the last look at a loop's exits that met it. */
  private met = new Int32Array(0)
  private look = 0

  private blockBase = 0
  private edgeBase = 0
  private loopBase = 0
  private changed = false

  /** Of the step being looked at: where it leads within its region, and what is fixed of what follows. */
  private targets = new Int32Array(64)
  private targetCount = 0
  private fixedMost = 0
  private fixedLeast = 0
  private nextMost = 0
  private nextLeast = 0

  constructor(graph: FlowGraph) {
    this.graph = graph
    this.charge.data = new Int32Array(graph.cost.length)
    this.charge.length = graph.cost.length
  }

  /**
   * Fills in `charge` for one function.
   * @param cost of each of its blocks, calls included
   */
  fold(index: number, cost: Int32Array): void {
    const { graph } = this
    this.blockBase = graph.firstBlock.data[index]!
    this.edgeBase = graph.firstEdge.data[index]!
    this.loopBase = graph.firstLoop.data[index]!
    const blocks = graph.firstBlock.data[index + 1]! - this.blockBase
    const edges = graph.firstEdge.data[index + 1]! - this.edgeBase
    const loops = graph.firstLoop.data[index + 1]! - this.loopBase
    this.reserve(blocks, edges, loops)
    this.markHeads(blocks, edges, loops)
    for (let round = 0; round < ROUNDS; round++) {
      this.changed = false
      this.exits.fill(NOT_LISTED, 0, loops)
      this.pass(blocks, edges, cost)
      if (!this.changed) break
    }
    for (let b = 0; b < blocks; b++)
      this.charge.data[this.blockBase + b] = this.isPoint[b] ? this.most[b]! : 0
  }

  private reserve(blocks: number, edges: number, loops: number): void {
    if (this.most.length < blocks) {
      this.most = new Int32Array(blocks * 2)
      this.least = new Int32Array(blocks * 2)
      this.isPoint = new Uint8Array(blocks * 2)
      this.met = new Int32Array(blocks * 2 + 1)
      this.look = 0
    }
    if (this.nextExit.length < edges) this.nextExit = new Int32Array(edges * 2)
    if (this.exits.length < loops) {
      this.exits = new Int32Array(loops * 2)
      this.loopMost = new Int32Array(loops * 2)
      this.loopLeast = new Int32Array(loops * 2)
    }
  }

  /** A region's first block is a point. So is a block that nothing leads to, though it never runs. */
  private markHeads(blocks: number, edges: number, loops: number): void {
    this.isPoint.fill(1, 0, blocks)
    const { to } = this.graph
    for (let e = this.edgeBase; e < this.edgeBase + edges; e++)
      if (to.data[e] !== EXIT) this.isPoint[to.data[e]!] = 0
    const { head } = this.graph
    for (let l = 0; l < loops; l++) this.isPoint[head.data[this.loopBase + l]!] = 1
    this.isPoint[0] = 1
  }

  /** All blocks from the last to the first. */
  private pass(blocks: number, edges: number, cost: Int32Array): void {
    const { graph, blockBase, edgeBase, loopBase, most, least } = this
    const from = graph.from.data
    let e = edges - 1
    for (let b = blocks - 1; b >= 0; b--) {
      const loop = graph.loop.data[blockBase + b]!
      this.begin()
      for (; e >= 0 && from[edgeBase + e] === b; e--) this.follow(e, b, loop)
      this.decide(cost[b]!)
      most[b] = cost[b]! + this.nextMost
      least[b] = Math.min(NEVER, cost[b]! + this.nextLeast)
      if (loop !== NO_LOOP && graph.head.data[loopBase + loop] === b) this.passLoop(loop)
    }
  }

  /** All of the loop has been seen: now it is a step, without a cost of its own, of the region around it. */
  private passLoop(loop: number): void {
    const parent = this.graph.parent.data[this.loopBase + loop]!
    const head = this.graph.head.data[this.loopBase + loop]!
    const { met } = this
    this.begin()
    this.look++
    for (let e = this.exits[loop]!; e !== NOT_LISTED; ) {
      const next = this.nextExit[e]!
      const to = this.graph.to.data[this.edgeBase + e]!
      const place = to === EXIT ? met.length - 1 : to
      // One edge to each place: out of n loops, equal ones would be followed n times.
      if (met[place] !== this.look) {
        met[place] = this.look
        this.follow(e, head, parent)
      }
      e = next
    }
    this.decide(0)
    this.loopMost[loop] = this.nextMost
    this.loopLeast[loop] = this.nextLeast
  }

  private begin(): void {
    this.targetCount = 0
    this.fixedMost = 0
    this.fixedLeast = NEVER
  }

  /** Takes an edge out of a step of the region: to another step, to the end of the region, or out of it. */
  private follow(edge: number, from: number, region: number): void {
    const { graph, blockBase, loopBase } = this
    const to = graph.to.data[this.edgeBase + edge]!
    let target = to === EXIT ? NO_LOOP : graph.loop.data[blockBase + to]!
    const isHead = target !== NO_LOOP && graph.head.data[loopBase + target] === to
    const entered = isHead && to > from ? target : NO_LOOP
    if (entered !== NO_LOOP) target = graph.parent.data[loopBase + entered]!
    if (target !== region) {
      this.nextExit[edge] = this.exits[region]!
      this.exits[region] = edge
      this.fixedLeast = 0
    } else if (entered !== NO_LOOP) {
      this.fixedMost = Math.max(this.fixedMost, this.loopMost[entered]!)
      this.fixedLeast = Math.min(this.fixedLeast, this.loopLeast[entered]!)
    } else if (to === EXIT || to <= from) this.fixedLeast = 0
    else {
      if (this.targetCount === this.targets.length) {
        const targets = new Int32Array(this.targetCount * 2)
        targets.set(this.targets)
        this.targets = targets
      }
      this.targets[this.targetCount++] = to
    }
  }

  /** What a step should prepay for the next ones; those that ask for too much become points. */
  private decide(cost: number): void {
    const { isPoint, most, least, targets, targetCount } = this
    for (;;) {
      this.nextMost = this.fixedMost
      this.nextLeast = this.fixedLeast
      for (let i = 0; i < targetCount; i++) {
        const v = targets[i]!
        if (!isPoint[v]) this.nextMost = Math.max(this.nextMost, most[v]!)
        this.nextLeast = Math.min(this.nextLeast, isPoint[v] ? Math.min(FORESIGHT, least[v]!) : least[v]!)
      }
      const limit = FACTOR * (cost + this.nextLeast) + SLACK - cost
      if (this.nextMost <= limit) return
      let marked = false
      for (let i = 0; i < targetCount; i++) {
        const v = targets[i]!
        if (isPoint[v] || most[v]! <= limit) continue
        isPoint[v] = 1
        marked = true
      }
      if (!marked) return
      this.changed = true
    }
  }
}
