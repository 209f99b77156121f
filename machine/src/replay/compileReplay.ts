/** Compiles a canonical program to a module that counts steps and can stop: the sections around its functions. */
import { lower } from '../lower/lower.ts'
import type { Lowered } from '../lower/lowered.ts'
import { EXPORTS } from '../pass/abi.ts'
import { relocateElements, relocateGlobals } from '../pass/relocate.ts'
import { decodeModule, SECTION } from '../wasm/decodeModule.ts'
import { type BuildLimits, DEFAULT_LIMITS } from '../wasm/limits.ts'
import { DECLARED, KIND, type Module } from '../wasm/module.ts'
import { FUNCREF, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { Additions, IMPORTS } from './additions.ts'
import { BodyCompiler } from './bodyCompiler.ts'
import { Records, SLOT_BYTES } from './records.ts'
import { Sites } from './sites.ts'
import { COUNTED, type Survey, survey } from './survey.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const PAGE_LOG2 = 16
const MOST_PAGES = 65_536
const MUTABLE = 1
const PASSIVE = 1
/** An element segment that only declares functions. */
const DECLARATIVE = [3, 0]

/** The pass adds to what a module has. */
const LIMITS: BuildLimits = {
  ...DEFAULT_LIMITS,
  memories: 2,
  ...{ moduleBytes: 2 ** 31, types: 2 ** 20, functions: 2 ** 20, globals: 2 ** 20, segments: 2 ** 20 },
  ...{ bodyBytes: 2 ** 28, locals: 2 ** 17, totalLocals: 2 ** 31, nesting: 2 * DEFAULT_LIMITS.nesting },
  ...{ frameSlots: 2 ** 20, exports: 2 ** 20, params: 2 ** 16, results: 2 ** 16, imports: 2 ** 16 },
}

/** Ways to compile beside the fastest. */
export interface CompileOptions {
  /** Makes each NaN canonical where it arises, as the machine does. */
  readonly isStrict?: boolean
  /** Keeps the steps left where they can be read after a trap. */
  readonly isMarked?: boolean
}

/** A program's own module. What else it exports, the modules that go on from sites import. */
export interface CompiledReplay {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sites: Sites
  /** How many of them are the program's, in the code's order. */
  readonly siteCount: number
  /** More steps than can be done from one look at the steps left to the next one. */
  readonly slack: number
  /** Globals of the program, each of which `save` writes to the memory of records, and `restore` reads. */
  readonly globals: number
  /** Numbers of those that are registers of the machine. */
  readonly registers: { readonly fuel: number; readonly state: number; readonly stack: number }
  /** Bytes of them, behind which records begin. */
  readonly recordsStart: number
  /** Exported globals that say that a segment was dropped. */
  readonly dropped: { readonly data: readonly number[]; readonly elements: readonly number[] }
  readonly changesTables: boolean
  /** Functions that a program may refer to, by their index in compiled code: the reference. */
  readonly references: ReadonlyMap<number, bigint>
  /** A module of one function `go`, which goes on from a site. */
  compileFrom(site: number): Uint8Array<ArrayBuffer>
}

/** A canonical program as it is read for compilation. */
export interface ReplaySource {
  readonly module: Module
  readonly lowered: Lowered
  readonly first: Uint32Array
  readonly survey: Survey
}

export function readSource(canonical: Uint8Array): ReplaySource {
  const module = decodeModule(canonical, LIMITS)
  const lowered = lower(canonical, { map: true })
  const first = lowered.functions.subarray(module.importedFunctions)
  return { module, lowered, first, survey: survey(lowered.code, first) }
}

export function compileReplay(source: ReplaySource, options: CompileOptions = {}): CompiledReplay {
  return new ReplayCompiler(source, options).compile()
}

class ReplayCompiler {
  private readonly source: ReplaySource
  private readonly module: Module
  private readonly additions: Additions
  private readonly records: Records
  private readonly sites = new Sites()
  private readonly bodies: BodyCompiler
  /** Functions that code refers to. */
  private readonly referredTo = new Set<number>()

  constructor(source: ReplaySource, { isStrict = false, isMarked = false }: CompileOptions) {
    this.source = source
    this.module = source.module
    this.additions = new Additions(this.module)
    this.records = new Records(this.additions, this.module.memories.length)
    const { additions, records, sites } = this
    this.bodies = new BodyCompiler(
      { ...source, limits: LIMITS, referred: (index) => this.referred(index) },
      { additions, records, sites, isStrict, isMarked },
    )
  }

  compile(): CompiledReplay {
    const { module, sites, bodies } = this
    const { first, survey } = this.source
    const code = new Writer(module.bytes.length * 2)
    for (let i = 0; i < first.length; i++) bodies.write(i, code)
    const { long } = bodies
    const references = this.references(long.changesTables)
    const longest = survey.stretch.reduce((most, steps) => Math.max(most, steps), 0)
    const exported = (name: string) => module.exports.find((entry) => entry.name === name)!.index
    return {
      bytes: this.writeModule(code),
      ...{ sites, references, changesTables: long.changesTables, siteCount: sites.count },
      // From a look to a call, from there to the next look, and what is pending.
      slack: 3 * longest + 16,
      globals: module.globals.length,
      registers: {
        fuel: exported(EXPORTS.fuel),
        state: exported(EXPORTS.state),
        stack: exported(EXPORTS.stack),
      },
      recordsStart: this.recordsStart,
      dropped: { data: [...long.droppedData], elements: [...long.droppedElements] },
      compileFrom: (site) => this.compileFrom(site),
    }
  }

  private compileFrom(number: number): Uint8Array<ArrayBuffer> {
    const { additions, sites, bodies } = this
    const imports = new Map<number, number>()
    this.referredTo.clear()
    additions.imports = imports
    const code = new Writer(65_536)
    code.u8(1)
    bodies.writeFrom(sites.at(number), this.recordsStart, code)
    additions.imports = null
    const type = additions.typeIndex({ params: Uint8Array.of(I64), results: Uint8Array.of(I64) })

    const out = new Writer(code.length + 65_536)
    out.put(...HEADER)
    out.section(SECTION.type, this.types())
    out.section(SECTION.import, this.importsOf(imports))
    const functions = new Writer()
    functions.u8(1)
    functions.u32(type)
    out.section(SECTION.function, functions)
    const exports = new Writer()
    exports.u8(1)
    exports.name('go')
    exports.u8(KIND.function)
    exports.u32(imports.size)
    out.section(SECTION.export, exports)
    if (this.referredTo.size > 0) out.section(SECTION.element, this.declaration(imports))
    out.section(SECTION.code, code)
    return out.finish() as Uint8Array<ArrayBuffer>
  }

  /** What the program's own module exports: memories, tables and globals with the same indices, functions as needed. */
  private importsOf(needed: ReadonlyMap<number, number>): Writer {
    const { module, additions } = this
    const globals = [...module.globals, ...additions.globals.map((type) => ({ type, mutable: true }))]
    const content = new Writer()
    content.u32(needed.size + module.memories.length + 1 + module.tables.length + globals.length)
    const from = (kind: number, i: number) => {
      content.name('program')
      content.name(`${kind} ${i}`)
      content.u8(kind)
    }
    const types = this.functionTypes()
    for (const index of needed.keys()) {
      if (index < IMPORTS.length) additions.writeImport(content, index)
      else {
        from(KIND.function, index)
        content.u32(types[index - IMPORTS.length]!)
      }
    }
    this.guestMemories(content)
    from(KIND.memory, module.memories.length)
    content.put(1, 0)
    content.u32(MOST_PAGES)
    for (const [i, { max }] of module.tables.entries()) {
      from(KIND.table, i)
      content.put(FUNCREF, 1, 0)
      content.u32(max!)
    }
    for (const [i, { type, mutable }] of globals.entries()) {
      from(KIND.global, i)
      content.put(type, Number(mutable))
    }
    return content
  }

  /** References need a declaration. */
  private declaration(places: ReadonlyMap<number, number>): Writer {
    const content = new Writer()
    content.put(1, ...DECLARATIVE)
    content.u32(this.referredTo.size)
    for (const index of this.referredTo) content.u32(places.get(index)!)
    return content
  }

  private references(changesTables: boolean): Map<number, bigint> {
    const { module, additions } = this
    const areSeen =
      changesTables || this.records.seesReferences || module.globals.some(({ type }) => type === FUNCREF)
    const references = new Map<number, bigint>()
    if (!areSeen) return references
    for (const [index, how] of module.declared.entries()) {
      if ((how & DECLARED.elsewhere) === 0) continue
      const type = additions.typeIndex(module.types[module.functions[index]!]!)
      references.set(
        this.referred(index),
        (BigInt(type) << 32n) | BigInt(this.source.lowered.functions[index]!),
      )
    }
    return references
  }

  /** A function as a table holds it: one that counts. */
  private referred(index: number): number {
    const referred = this.counting(index)
    this.referredTo.add(referred)
    return referred
  }

  private counting(index: number): number {
    const { module, additions, source } = this
    const own = index - module.importedFunctions
    if (source.survey.counted[own] !== COUNTED.byCallers) return additions.own(index)
    return additions.function(`counted ${index}`, () => {
      const { params } = module.types[module.functions[index]!]!
      const code = new Writer()
      code.u32(0)
      for (let i = 0; i < params.length; i++) {
        code.u8(OP.localGet)
        code.u32(i)
      }
      code.u8(OP.call)
      code.u32(additions.own(index))
      code.u8(OP.localGet)
      code.u32(params.length)
      code.u8(OP.i64Const)
      code.signed(source.survey.stretch[own]!)
      code.put(OP.i64Sub, OP.end)
      return { type: additions.countedTypeIndex(module.functions[index]!), body: code.finish() }
    })
  }

  private writeModule(code: Writer): Uint8Array<ArrayBuffer> {
    const { module, additions } = this
    const out = new Writer(code.length + 65_536)
    // Whatever these need is added before types and functions are written.
    const imports = this.imports()
    const globals = this.globals()
    const elements = this.elements()
    const exports = this.exports()

    out.put(...HEADER)
    out.section(SECTION.type, this.types())
    out.section(SECTION.import, imports)
    out.section(SECTION.function, this.functions())
    if (module.tables.length > 0) out.section(SECTION.table, this.tables())
    out.section(SECTION.memory, this.recordsMemory())
    out.section(SECTION.global, globals)
    out.section(SECTION.export, exports)
    if (module.elements.length > 0) out.section(SECTION.element, elements)
    if (module.dataCount !== null) {
      const count = new Writer()
      count.u32(module.dataCount)
      out.section(SECTION.dataCount, count)
    }
    const bodies = new Writer(code.length + 65_536)
    bodies.u32(additions.ownFunctions + additions.functions.length)
    bodies.append(code)
    for (const { body } of additions.functions) {
      bodies.u32(body.length)
      bodies.copy(body, 0, body.length)
    }
    out.section(SECTION.code, bodies)
    if (module.dataCount !== null) out.section(SECTION.data, this.data())
    return out.finish() as Uint8Array<ArrayBuffer>
  }

  private types(): Writer {
    const content = new Writer()
    content.u32(this.additions.types.length)
    for (const { params, results } of this.additions.types) {
      content.u8(0x60)
      for (const types of [params, results]) {
        content.u32(types.length)
        content.copy(types, 0, types.length)
      }
    }
    return content
  }

  private imports(): Writer {
    const { module, additions } = this
    const content = new Writer()
    content.u32(IMPORTS.length + module.memories.length)
    for (const i of IMPORTS.keys()) additions.writeImport(content, i)
    this.guestMemories(content)
    return content
  }

  private guestMemories(content: Writer): void {
    for (const [i, { max }] of this.module.memories.entries()) {
      content.name('guest')
      content.name(String(i))
      content.put(KIND.memory, 1, 0)
      content.u32(max!)
    }
  }

  private functions(): Writer {
    const content = new Writer()
    const types = this.functionTypes()
    content.u32(types.length)
    for (const type of types) content.u32(type)
    return content
  }

  private functionTypes(): number[] {
    const { module, additions, source } = this
    const own = module.functions.slice(module.importedFunctions).map((type, i) => {
      const isPlain = source.survey.counted[i] === COUNTED.byCallers
      return isPlain ? type : additions.countedTypeIndex(type)
    })
    return [...own, ...additions.functions.map(({ type }) => type)]
  }

  private tables(): Writer {
    const content = new Writer()
    content.u32(this.module.tables.length)
    for (const { min, max } of this.module.tables) {
      content.put(FUNCREF, 1)
      content.u32(min)
      content.u32(max!)
    }
    return content
  }

  /** Records lie behind the globals that `save` writes. */
  private get recordsStart(): number {
    return this.module.globals.length * SLOT_BYTES
  }

  private recordsMemory(): Writer {
    const content = new Writer()
    content.put(1, 1)
    content.u32((this.recordsStart >>> PAGE_LOG2) + 16)
    content.u32(MOST_PAGES)
    return content
  }

  private globals(): Writer {
    const { module, additions } = this
    const content = new Writer()
    content.u32(module.globals.length + additions.globals.length)
    const functionIndex = (index: number) => this.referred(index)
    relocateGlobals(content, module, { ...UNMOVED, functionIndex })
    for (const [i, type] of additions.globals.entries()) {
      content.put(type, MUTABLE, type === I64 ? OP.i64Const : OP.i32Const)
      content.signed(module.globals.length + i === this.records.top ? this.recordsStart : 0)
      content.u8(OP.end)
    }
    return content
  }

  private exports(): Writer {
    const { module, additions } = this
    const [save, restore] = [this.save(), this.restore()]
    const entries: [name: string, kind: number, index: number][] = [
      ['save', KIND.function, save],
      ['restore', KIND.function, restore],
    ]
    for (const [name, index] of additions.globalNames) entries.push([name, KIND.global, index])
    const counts = [
      [KIND.function, IMPORTS.length, additions.functionCount],
      [KIND.table, 0, module.tables.length],
      [KIND.memory, module.memories.length, module.memories.length + 1],
      [KIND.global, 0, module.globals.length + additions.globals.length],
    ] as const
    for (const [kind, first, end] of counts) {
      for (let i = first; i < end; i++) entries.push([`${kind} ${i}`, kind, i])
    }
    const content = new Writer()
    content.u32(entries.length)
    for (const [name, kind, index] of entries) {
      content.name(name)
      content.u8(kind)
      content.u32(index)
    }
    return content
  }

  /** `() -> ()`: writes the program's globals as slots. */
  private save(): number {
    return this.additions.written('save', [], [], [], (code) => {
      for (const [i, { type }] of this.module.globals.entries()) {
        code.put(OP.i32Const, 0, OP.globalGet)
        code.u32(i)
        this.records.writeBits(code, type)
        this.records.store(code, i * SLOT_BYTES)
      }
    })
  }

  /** `() -> ()`: reads them. */
  private restore(): number {
    return this.additions.written('restore', [], [], [], (code) => {
      for (const [i, { type, mutable }] of this.module.globals.entries()) {
        if (!mutable) continue
        this.records.load(code, type, i * SLOT_BYTES)
        code.u8(OP.globalSet)
        code.u32(i)
      }
    })
  }

  private elements(): Writer {
    const content = new Writer()
    content.u32(this.module.elements.length)
    relocateElements(content, this.module, {
      ...UNMOVED,
      functionIndex: (index) => this.referred(index),
    })
    return content
  }

  /** Active segments stand in memory already, and are empty. */
  private data(): Writer {
    const { module } = this
    const content = new Writer()
    content.u32(module.data.length)
    for (const { active, length, end } of module.data) {
      const size = active ? 0 : length
      content.u8(PASSIVE)
      content.u32(size)
      content.copy(module.bytes, end - size, end)
    }
    return content
  }
}

const UNMOVED = { moved: true, types: 0, globals: 0, data: 0, memory: 0 }
