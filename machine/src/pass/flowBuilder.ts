/** Notes the blocks, edges and loops of one function after another while its body is walked. */
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Count } from './countedLoops.ts'
import { BLOCK, EXIT, type FlowGraph, NO_LOOP, UNCOUNTED } from './flowGraph.ts'

/** No edge of the graph. */
const NONE = -1

/** Control frames are numbered from the outermost, the function's own, which is 0. */
export class FlowBuilder {
  /** Fuel for the present block, up to here. */
  cost = 0
  private readonly graph: FlowGraph
  private readonly code: Writer
  private readonly onBlock: () => void
  /** The present block, by its number in the function. */
  block = 0
  private loop = NO_LOOP
  /** By control frame: the last branch to its end, a list that is linked through `nextEdge`; its loop. */
  private readonly branches: Int32Array
  private readonly loops: Int32Array
  /** By control frame: of an `if`, the edge to its `else`; the block that last branched to its label. */
  private readonly otherwise: Int32Array
  private readonly brancher: Int32Array
  private nextEdge = new Int32Array(256)

  /**
   * @param code where the code goes: a block starts at its end
   * @param onBlock is called whenever one starts
   */
  constructor(graph: FlowGraph, code: Writer, nesting: number, onBlock: () => void) {
    this.graph = graph
    this.code = code
    this.onBlock = onBlock
    this.branches = new Int32Array(nesting + 1)
    this.loops = new Int32Array(nesting + 1)
    this.otherwise = new Int32Array(nesting + 1)
    this.brancher = new Int32Array(nesting + 1)
  }

  /** Starts a function, with its first block. */
  begin(): void {
    this.loop = NO_LOOP
    this.branches[0] = NONE
    this.otherwise[0] = NONE
    this.brancher[0] = NONE
    this.loops[0] = NO_LOOP
    this.startBlock(1)
  }

  /** The present block, of which nothing is written yet, stands where the code ends now, with fewer labels around it. */
  moveBlock(depth: number): void {
    const { graph } = this
    graph.position.data[graph.position.length - 1] = this.code.length
    graph.depth.data[graph.depth.length - 1] = depth
  }

  /** Leaves the function by its end. */
  exit(): void {
    this.edge(EXIT)
  }

  /** The loop of a frame can be counted. */
  count(frame: number, count: Count): void {
    const { graph } = this
    graph.count.data[this.loopBase + this.loops[frame]!] = graph.counts.push(count) - 1
  }

  /** Goes out of a frame at its end. */
  leave(frame: number): void {
    if (this.branches[frame] === NONE && this.otherwise[frame] === NONE && this.loops[frame] === NO_LOOP)
      return
    this.edge(this.block + 1)
    this.endBlock()
    this.join(frame)
  }

  /** The block that starts here. */
  private startBlock(depth: number): void {
    const { graph } = this
    this.block = graph.cost.length - graph.firstBlock.data[graph.firstBlock.length - 1]!
    this.cost = 0
    this.onBlock()
    graph.cost.push(0)
    graph.position.push(this.code.length)
    graph.depth.push(depth)
    graph.loop.push(this.loop)
    graph.flags.push(0)
  }

  endBlock(): void {
    const { cost } = this.graph
    cost.data[cost.length - 1] = this.cost
  }

  /** The next block starts, to which the present one leads. */
  fallThrough(depth: number): void {
    this.edge(this.block + 1)
    this.endBlock()
    this.startBlock(depth)
  }

  /** Adds an edge from the present block. */
  private edge(to: number): number {
    const { from } = this.graph
    from.push(this.block)
    this.graph.to.push(to)
    return from.length - 1
  }

  /** Adds an edge to a label: to the head of a loop, or to what will follow the frame's `end`. */
  branchTo(frame: number): void {
    if (this.brancher[frame] === this.block) return
    this.brancher[frame] = this.block
    const loop = this.loops[frame]!
    if (loop !== NO_LOOP) {
      this.edge(this.graph.head.data[this.loopBase + loop]!)
      return
    }
    const edge = this.edge(EXIT) - this.edgeBase
    if (frame === 0) return
    if (edge >= this.nextEdge.length) {
      const grown = new Int32Array(edge * 2)
      grown.set(this.nextEdge)
      this.nextEdge = grown
    }
    this.nextEdge[edge] = this.branches[frame]!
    this.branches[frame] = edge
  }

  /** Goes into the control frame that an instruction opened; the code of that began at `before`. */
  enter(frame: number, op: number, before: number): void {
    this.branches[frame] = NONE
    this.otherwise[frame] = NONE
    this.brancher[frame] = NONE
    this.loops[frame] = NO_LOOP
    if (op === OP.block) return
    const { graph } = this
    this.edge(this.block + 1)
    if (op === OP.if) this.otherwise[frame] = this.edge(EXIT) - this.edgeBase
    this.endBlock()
    if (op === OP.loop) {
      const loop = graph.head.length - this.loopBase
      graph.parent.push(this.loop)
      graph.head.push(this.block + 1)
      graph.before.push(before)
      graph.count.push(UNCOUNTED)
      this.loops[frame] = loop
      this.loop = loop
    }
    this.startBlock(frame + 1)
  }

  /** The block behind an `else`. */
  startElse(frame: number): void {
    this.startBlock(frame + 1)
    this.graph.to.data[this.edgeBase + this.otherwise[frame]!] = this.block
    this.otherwise[frame] = NONE
  }

  /** The block behind a frame's `end`, to which its branches lead. */
  join(frame: number): void {
    const { graph, edgeBase } = this
    const loop = this.loops[frame]!
    if (loop !== NO_LOOP) this.loop = graph.parent.data[this.loopBase + loop]!
    this.startBlock(frame)
    for (let e = this.branches[frame]!; e !== NONE; e = this.nextEdge[e]!)
      graph.to.data[edgeBase + e] = this.block
    if (this.otherwise[frame] !== NONE) graph.to.data[edgeBase + this.otherwise[frame]!] = this.block
  }

  private get loopBase(): number {
    const { firstLoop } = this.graph
    return firstLoop.data[firstLoop.length - 1]!
  }

  private get edgeBase(): number {
    const { firstEdge } = this.graph
    return firstEdge.data[firstEdge.length - 1]!
  }

  noteCall(callee: number): void {
    this.graph.callBlock.push(this.block)
    this.graph.callee.push(callee)
  }

  /** Some instruction takes fuel beyond its block's charge. */
  spend(): void {
    const { flags } = this.graph
    flags.data[flags.length - 1]! |= BLOCK.spends
  }
}
