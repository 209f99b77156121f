/**
 * Which values of float locals may hold a raw NaN. Compilers give one local to many values in turn, so this is
 * decided by *web*: all sets and gets of a local that can reach one another. If some set of a web is of a value whose
 * bits are the program's own, all its values are exact: a raw NaN is made canonical when it is set. The other webs
 * hold what the processor made, which is looked at where its bits can be seen.
 *
 * A body is walked until nothing shows a supposition wrong, and the last time without any. The first walk takes each
 * local for one web, supposes those raw that are no parameters, and notes all accesses, of which the webs are made.
 */
import { F32, F64 } from '../wasm/opcodes.ts'
import { Column, type FlowGraph } from './flowGraph.ts'
import { NOTE } from './notes.ts'
import { GET, Webs } from './webs.ts'

/** How often a body is gone over with fewer values taken for raw before none is. */
const ATTEMPTS = 5

/** What a local is in a walk that takes it for one web. */
const LOCAL = { raw: 0, exact: 1, disproved: 2 } as const

export class FloatLocals {
  private readonly graph: FlowGraph
  private readonly webs: Webs
  private readonly local: Uint8Array
  private types: Uint8Array = new Uint8Array(0)
  private count = 0
  private params = 0

  private attempt = 0
  private byWeb = false
  private disproved = false
  /** In the first walk: a parameter was set to what may stay raw. */
  private paramWasSet = false

  /** Accesses in the order of the code: the block, the local, and the note on what was set, or {@link GET}. */
  private readonly blocks = new Column()
  private readonly locals = new Column()
  private readonly notes = new Column()
  /** The number of the next access. */
  next = 0
  /** Accesses are not noted: they were before. */
  repeats = false

  constructor(graph: FlowGraph, mostLocals: number) {
    this.graph = graph
    this.local = new Uint8Array(mostLocals)
    this.webs = new Webs(mostLocals)
  }

  /** Starts on a function's body. */
  begin(types: Uint8Array, count: number, params: number): void {
    this.types = types
    this.count = count
    this.params = params
    this.attempt = 0
    this.byWeb = false
    this.local.fill(LOCAL.raw, 0, count).fill(LOCAL.exact, 0, params)
    for (const column of [this.blocks, this.locals, this.notes]) column.length = 0
    this.startWalk()
  }

  private startWalk(): void {
    this.attempt++
    this.next = 0
    this.disproved = false
    this.paramWasSet = false
  }

  /** The walk is over. True if another one is needed, which starts here. */
  again(): boolean {
    const canGain = this.attempt === 1 && this.paramWasSet
    if (!this.disproved && !canGain) return false
    if (this.attempt === 1) this.byWeb = this.makeWebs()
    const { local, count } = this
    for (let i = 0; i < count; i++) if (local[i] === LOCAL.disproved) local[i] = LOCAL.exact
    this.startWalk()
    if (this.attempt === ATTEMPTS) {
      this.byWeb = false
      local.fill(LOCAL.exact, 0, count)
    }
    return true
  }

  private makeWebs(): boolean {
    const { blocks, locals, notes, params } = this
    return this.webs.make(this.graph, { blocks, locals, notes, params })
  }

  private isFloat(local: number): boolean {
    const type = this.types[local]
    return type === F32 || type === F64
  }

  /** The note on a local that is read in a block. */
  get(local: number, block: number): number {
    if (!this.isFloat(local)) return NOTE.exact
    const access = this.access(local, block, GET)
    return this.isExact(local, access) ? NOTE.exact : NOTE.raw
  }

  /** A local is set in a block, to a value with a note. True if that must be made canonical. */
  set(local: number, block: number, note: number): boolean {
    if (!this.isFloat(local)) return false
    const access = this.access(local, block, note)
    if (this.isExact(local, access)) {
      if (note === NOTE.raw) this.paramWasSet = true
      return note === NOTE.raw
    }
    if (note !== NOTE.exact) return false
    this.disproved = true
    if (this.byWeb) this.webs.setExact(access)
    else this.local[local] = LOCAL.disproved
    return false
  }

  private access(local: number, block: number, note: number): number {
    if (this.attempt === 1 && !this.repeats) {
      this.blocks.push(block)
      this.locals.push(local)
      this.notes.push(note)
    }
    return this.next++
  }

  private isExact(local: number, access: number): boolean {
    return this.byWeb ? this.webs.isExact(access) : this.local[local] === LOCAL.exact
  }
}
