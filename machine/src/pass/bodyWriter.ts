/** Writes a walked body as it stands in the program: with its charges, and in its frame. */
import { I32, I64, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Body } from './bodyWalker.ts'
import type { ChargePlan } from './chargePlan.ts'
import { type Count, writeRounds } from './countedLoops.ts'
import { EXIT, type FlowGraph, NO_LOOP, UNCOUNTED } from './flowGraph.ts'
import { writeFrame } from './frame.ts'
import type { Guard } from './guards.ts'
import type { Layout } from './layout.ts'

/**
 * The counter is a global, and is written at every charge, so that it is exact wherever it can be seen: at a trap,
 * in a function that is called, in the host. A local holds the same number, so that a loop that spends fuel only
 * by its charges need not read it back.
 */
export class BodyWriter {
  private readonly graph: FlowGraph
  private readonly plan: ChargePlan
  private readonly layout: Layout
  private readonly walked: Writer
  private readonly whole: Writer
  /** By block: 1 if the local holds the fuel left when the block begins. */
  private known = new Uint8Array(0)
  private loopSpends = new Uint8Array(0)

  constructor(graph: FlowGraph, plan: ChargePlan, layout: Layout, walked: Writer, whole: Writer) {
    this.graph = graph
    this.plan = plan
    this.layout = layout
    this.walked = walked
    this.whole = whole
  }

  /** Appends a function to the code section: its size and its body. Returns its length. */
  write(index: number, body: Body, guard: Guard | null, out: Writer): number {
    const { whole, graph, plan } = this
    whole.clear()
    const first = graph.firstBlock.data[index]!
    const end = graph.firstBlock.data[index + 1]!
    let charges = false
    for (let b = first; b < end && !charges; b++) charges = plan.charge[b]! > 0
    const types = [...body.added, ...(charges ? [I64] : []), ...(guard ? [I32] : [])]
    const fuel = body.localCount + body.added.length
    const room = fuel + Number(charges)
    whole.u32(body.groups + types.length)
    whole.copy(body.bytes, body.groupsStart, body.groupsEnd)
    for (const type of types) whole.put(1, type)
    const content = () => {
      if (charges) this.writeCharged(index, body, fuel)
      else whole.copy(this.walked.bytes, body.start, body.end)
    }
    if (charges || guard)
      writeFrame(whole, this.layout, { guard, local: room, charges }, body.type.results, content)
    else content()
    out.u32(whole.length)
    out.append(whole)
    return whole.length
  }

  private writeCharged(index: number, body: Body, local: number): void {
    const { graph, plan, whole, walked } = this
    const first = graph.firstBlock.data[index]!
    const blocks = graph.firstBlock.data[index + 1]! - first
    const loops = graph.firstLoop.data[index]!
    this.findKnown(index)
    let copied = body.start
    const copyTo = (position: number) => {
      whole.copy(walked.bytes, copied, position)
      copied = position
    }
    for (let b = 0; b < blocks; b++) {
      const amount = plan.charge[first + b]!
      if (amount === 0) continue
      const loop = graph.loop.data[first + b]!
      const count = this.countOf(loops, loop, b)
      if (count) {
        copyTo(graph.before.data[loops + loop]!)
        this.writeCharge(amount, local, this.known[b] === 1, graph.depth.data[first + b]! - 1, count)
        continue
      }
      if (this.isRead[b]) {
        copyTo(graph.before.data[loops + loop]!)
        whole.u8(OP.globalGet)
        whole.u32(this.layout.fuel)
        whole.u8(OP.localSet)
        whole.u32(local)
      }
      copyTo(graph.position.data[first + b]!)
      this.writeCharge(amount, local, this.known[b] === 1, graph.depth.data[first + b]!)
    }
    copyTo(body.end)
  }

  /** How the loop counts that block `b` is the head of, if it does. */
  private countOf(loops: number, loop: number, b: number): Count | null {
    const { graph } = this
    if (loop === NO_LOOP || graph.head.data[loops + loop] !== b) return null
    const count = graph.count.data[loops + loop]!
    return count === UNCOUNTED ? null : graph.counts[count]!
  }

  /** @param count of the loop that is charged for before it begins */
  private writeCharge(
    amount: number,
    local: number,
    isKnown: boolean,
    label: number,
    count: Count | null = null,
  ): void {
    const { whole, layout } = this
    whole.u8(isKnown ? OP.localGet : OP.globalGet)
    whole.u32(isKnown ? local : layout.fuel)
    if (count) writeRounds(whole, count, amount, label)
    else {
      whole.u8(OP.i64Const)
      whole.signed(amount)
    }
    whole.u8(OP.i64Sub)
    whole.u8(OP.localTee)
    whole.u32(local)
    whole.u8(OP.globalSet)
    whole.u32(layout.fuel)
    whole.u8(OP.localGet)
    whole.u32(local)
    whole.put(OP.i64Const, 0, OP.i64LtS, OP.brIf)
    whole.u32(label)
  }

  /** By block, of a loop's head: 1 if the local is read once before the loop. */
  private isRead = new Uint8Array(0)

  private findKnown(index: number): void {
    const { graph, plan } = this
    const first = graph.firstBlock.data[index]!
    const blocks = graph.firstBlock.data[index + 1]! - first
    const loops = graph.firstLoop.data[index]!
    const loopCount = graph.firstLoop.data[index + 1]! - loops
    if (this.known.length < blocks) {
      this.known = new Uint8Array(blocks * 2)
      this.isRead = new Uint8Array(blocks * 2)
    }
    if (this.loopSpends.length < loopCount) this.loopSpends = new Uint8Array(loopCount * 2)
    const { known, isRead, loopSpends } = this
    known.fill(1, 0, blocks)
    known[0] = 0
    isRead.fill(0, 0, blocks)
    loopSpends.fill(0, 0, loopCount)
    for (let b = 0; b < blocks; b++) {
      if (!plan.spends[first + b]) continue
      let loop = graph.loop.data[first + b]!
      for (; loop !== NO_LOOP && !loopSpends[loop]; loop = graph.parent.data[loops + loop]!)
        loopSpends[loop] = 1
    }
    let e = graph.firstEdge.data[index]!
    const edges = graph.firstEdge.data[index + 1]!
    for (let b = 0; b < blocks; b++) {
      const loop = graph.loop.data[first + b]!
      const charges = plan.charge[first + b]! > 0
      if (loop !== NO_LOOP && graph.head.data[loops + loop] === b) {
        if (loopSpends[loop]) known[b] = 0
        else if (charges && !this.countOf(loops, loop, b)) {
          isRead[b] = known[b] ? 0 : 1
          known[b] = 1
        }
      }
      const after = plan.spends[first + b] ? 0 : charges ? 1 : known[b]!
      for (; e < edges && graph.from.data[e] === b; e++) {
        const to = graph.to.data[e]!
        if (to !== EXIT && to > b) known[to]! &= after
      }
    }
  }
}
