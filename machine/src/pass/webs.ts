/**
 * The webs of a body's float locals: which sets and gets can reach one another. What a local holds where a block
 * begins is one thing, whatever way control came; so the ends of blocks and the beginnings of those after them are
 * joined, as far as the local is read later.
 */
import { type Column, EXIT, type FlowGraph } from './flowGraph.ts'
import { NOTE } from './notes.ts'

/** In place of the note on what is set: the access reads. */
export const GET = -1

/** Locals times blocks or edges of a body: beyond it no webs are made. */
const LARGEST = 1 << 20
/** Loops within loops take a round each until it is known what is read later. */
const ROUNDS = 16

const UNNUMBERED = -1
/** A local that the block at hand has not set yet. */
const AS_IT_CAME = -1

/** By access, in the order of the code. */
export interface Accesses {
  readonly blocks: Column
  readonly locals: Column
  readonly notes: Column
  /** Locals below this hold something when the body begins. */
  readonly params: number
}

export class Webs {
  /** By local: its number among those that are accessed. */
  private readonly number: Int32Array
  private locals = 0
  private blocks = 0
  private words = 0
  private graph!: FlowGraph
  private accesses!: Accesses
  private firstEdge = 0

  /** By block, a bit for each local: what it holds when the block begins may be read. */
  private live = new Uint32Array(0)
  /** By access, and behind them by block and local for what it holds when the block begins: a tree for each web. */
  private parent = new Int32Array(0)
  private exact = new Uint8Array(0)

  constructor(mostLocals: number) {
    this.number = new Int32Array(mostLocals)
  }

  /** Of the function that the graph has last, which has not ended yet. False if that would take too long. */
  make(graph: FlowGraph, accesses: Accesses): boolean {
    const last = graph.functions
    this.graph = graph
    this.accesses = accesses
    this.firstEdge = graph.firstEdge.data[last]!
    this.blocks = graph.cost.length - graph.firstBlock.data[last]!
    this.numberLocals()
    const edges = graph.from.length - this.firstEdge
    if (this.locals * Math.max(this.blocks, edges) > LARGEST) return false
    this.words = (this.locals + 31) >> 5
    if (!this.findLive()) return false
    this.reserve()
    this.join()
    this.markExact()
    return true
  }

  isExact(access: number): boolean {
    return this.exact[this.find(access)] === 1
  }

  setExact(access: number): void {
    this.exact[this.find(access)] = 1
  }

  private numberLocals(): void {
    const { locals } = this.accesses
    for (let i = 0; i < locals.length; i++) this.number[locals.data[i]!] = UNNUMBERED
    this.locals = 0
    for (let i = 0; i < locals.length; i++) {
      const local = locals.data[i]!
      if (this.number[local] === UNNUMBERED) this.number[local] = this.locals++
    }
  }

  private findLive(): boolean {
    const { graph, words } = this
    const { blocks, locals, notes } = this.accesses
    const live = new Uint32Array(this.blocks * words)
    this.live = live
    const set = new Uint32Array(this.blocks * words)
    for (let i = 0; i < locals.length; i++) {
      const number = this.number[locals.data[i]!]!
      const at = blocks.data[i]! * words + (number >> 5)
      const bit = 1 << (number & 31)
      if (notes.data[i] !== GET) set[at]! |= bit
      else if ((set[at]! & bit) === 0) live[at]! |= bit
    }
    for (let round = 0; round < ROUNDS; round++) {
      let changed = 0
      for (let e = graph.from.length - 1; e >= this.firstEdge; e--) {
        const to = graph.to.data[e]! * words
        if (to < 0) continue
        const from = graph.from.data[e]! * words
        for (let w = 0; w < words; w++) {
          const more = live[to + w]! & ~set[from + w]! & ~live[from + w]!
          live[from + w]! |= more
          changed |= more
        }
      }
      if (changed === 0) return true
    }
    return false
  }

  private reserve(): void {
    const size = this.accesses.locals.length + this.blocks * this.locals
    if (this.parent.length < size) {
      this.parent = new Int32Array(size * 2)
      this.exact = new Uint8Array(size * 2)
    }
    for (let i = 0; i < size; i++) this.parent[i] = i
    this.exact.fill(0, 0, size)
  }

  private join(): void {
    const { graph, words, live } = this
    const { blocks, locals, notes } = this.accesses
    const current = new Int32Array(this.locals)
    let i = 0
    let e = this.firstEdge
    for (let b = 0; b < this.blocks; b++) {
      current.fill(AS_IT_CAME)
      for (; i < locals.length && blocks.data[i] === b; i++) {
        const number = this.number[locals.data[i]!]!
        if (notes.data[i] !== GET) current[number] = i
        else this.unite(i, current[number] === AS_IT_CAME ? this.atStart(b, number) : current[number]!)
      }
      for (; e < graph.from.length && graph.from.data[e] === b; e++) {
        const to = graph.to.data[e]!
        if (to === EXIT) continue
        for (let w = 0; w < words; w++) {
          for (let rest = live[to * words + w]!; rest !== 0; rest &= rest - 1) {
            const number = w * 32 + 31 - Math.clz32(rest & -rest)
            const held = current[number] === AS_IT_CAME ? this.atStart(b, number) : current[number]!
            this.unite(held, this.atStart(to, number))
          }
        }
      }
    }
  }

  private markExact(): void {
    const { locals, notes, params } = this.accesses
    for (let i = 0; i < locals.length; i++) {
      if (notes.data[i] === NOTE.exact) this.setExact(i)
      if (locals.data[i]! < params) this.setExact(this.atStart(0, this.number[locals.data[i]!]!))
    }
  }

  private atStart(block: number, number: number): number {
    return this.accesses.locals.length + block * this.locals + number
  }

  private unite(a: number, b: number): void {
    this.parent[this.find(a)] = this.find(b)
  }

  private find(node: number): number {
    const { parent } = this
    let at = node
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
}
