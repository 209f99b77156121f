/**
 * Where every function of a program charges, and who pays for a function's first region: a small one that is only
 * called directly is paid for by its callers, together with what they do themselves.
 */
import { components, rowsOf } from './components.ts'
import { BLOCK, type FlowGraph } from './flowGraph.ts'
import { Folder } from './fold.ts'

/** What a caller takes over at most. */
const CALLER_PAYS = 64

export interface ChargePlan {
  /** By block of the graph. */
  readonly charge: Int32Array
  /** By block of the graph: 1 where the fuel left may change other than by the block's charge. */
  readonly spends: Uint8Array
  /** By function: what its callers pay for it. */
  readonly ahead: Int32Array
}

/**
 * @param firstIndex final index of the graph's first function
 * @param paysItself functions that are called by others than the graph's
 */
export function planCharges(graph: FlowGraph, firstIndex: number, paysItself: Uint8Array): ChargePlan {
  const { functions } = graph
  const folder = new Folder(graph)
  const ahead = new Int32Array(functions)
  const spender = new Uint8Array(functions)
  const spends = Uint8Array.from(
    graph.flags.data.subarray(0, graph.flags.length),
    (flags) => flags & BLOCK.spends,
  )
  const { order, cyclic } = components(callRows(graph, firstIndex), () => false)
  let costs = new Int32Array(1024)
  for (const f of order) {
    const base = graph.firstBlock.data[f]!
    const blocks = graph.firstBlock.data[f + 1]! - base
    if (blocks > costs.length) costs = new Int32Array(blocks * 2)
    costs.set(graph.cost.data.subarray(base, base + blocks))
    for (let c = graph.firstCall.data[f]!; c < graph.firstCall.data[f + 1]!; c++) {
      const block = graph.callBlock.data[c]!
      const callee = graph.callee.data[c]! - firstIndex
      const isKnown = callee >= 0 && callee < functions
      if (isKnown) costs[block]! += ahead[callee]!
      // Around a cycle of calls something is charged.
      if (!isKnown || cyclic[callee] || spender[callee]) spends[base + block] = 1
    }
    folder.fold(f, costs)
    const { data } = folder.charge
    if (!paysItself[f] && !cyclic[f] && data[base]! <= CALLER_PAYS) {
      ahead[f] = data[base]!
      data[base] = 0
    }
    for (let b = base; b < base + blocks; b++) if (data[b]! > 0 || spends[b]) spender[f] = 1
  }
  return { charge: folder.charge.data, spends, ahead }
}

function callRows(graph: FlowGraph, firstIndex: number) {
  const { functions } = graph
  const from: number[] = []
  const to: number[] = []
  for (let f = 0; f < functions; f++) {
    for (let c = graph.firstCall.data[f]!; c < graph.firstCall.data[f + 1]!; c++) {
      const callee = graph.callee.data[c]! - firstIndex
      if (callee < 0 || callee >= functions) continue
      from.push(f)
      to.push(callee)
    }
  }
  return rowsOf(functions, from, to, from.length)
}
