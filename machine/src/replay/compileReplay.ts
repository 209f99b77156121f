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

export interface CompiledReplay {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sites: Sites
  /** More steps than can be done from one look at the steps left to the next one. */
  readonly slack: number
  /** Globals of the program, each of which `save` writes to the memory of records. */
  readonly globals: readonly { readonly isRegister: boolean }[]
  /** Exported globals that say that a segment was dropped. */
  readonly dropped: { readonly data: readonly number[]; readonly elements: readonly number[] }
  readonly changesTables: boolean
  /** Functions that a program may refer to, by their number among the module's: the reference. */
  readonly references: ReadonlyMap<number, bigint>
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
  private readonly options: CompileOptions
  private readonly additions: Additions
  private readonly records: Records
  private readonly sites = new Sites()

  constructor(source: ReplaySource, options: CompileOptions) {
    this.source = source
    this.module = source.module
    this.options = options
    this.additions = new Additions(this.module)
    this.records = new Records(this.additions, this.module.memories.length)
  }

  compile(): CompiledReplay {
    const { module, additions, sites } = this
    const { first, lowered } = this.source
    const referred = (index: number) => this.referred(index)
    const bodies = new BodyCompiler(
      { ...this.source, limits: LIMITS, code: lowered.code, map: lowered.map!, referred },
      {
        ...{ additions, records: this.records, sites },
        ...{ isStrict: this.options.isStrict === true, isMarked: this.options.isMarked === true },
      },
    )
    const code = new Writer(module.bytes.length * 2)
    for (let i = 0; i < first.length; i++) bodies.write(i, code)
    const { long } = bodies
    const references = this.references(long.changesTables)

    const bytes = this.writeModule(code, long.changesTables, references)
    const longest = this.source.survey.stretch.reduce((most, steps) => Math.max(most, steps), 0)
    return {
      ...{ bytes, sites, references, changesTables: long.changesTables },
      // From a look to a call, from there to the next look, and what is pending.
      slack: 3 * longest + 16,
      globals: this.registers(),
      dropped: { data: [...long.droppedData.keys()], elements: [...long.droppedElements.keys()] },
    }
  }

  private registers(): { isRegister: boolean }[] {
    const registers = new Set<number>()
    for (const { name, index } of this.module.exports) {
      if (name === EXPORTS.fuel || name === EXPORTS.state || name === EXPORTS.stack) registers.add(index)
    }
    return this.module.globals.map((_, index) => ({ isRegister: registers.has(index) }))
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
      references.set(index, (BigInt(type) << 32n) | BigInt(this.source.lowered.functions[index]!))
    }
    return references
  }

  /** A function as a table holds it: one that counts. */
  private referred(index: number): number {
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

  private writeModule(
    code: Writer,
    changesTables: boolean,
    references: ReadonlyMap<number, bigint>,
  ): Uint8Array<ArrayBuffer> {
    const { module, additions } = this
    const out = new Writer(code.length + 65_536)
    // Whatever these need is added before types and functions are written.
    const imports = this.imports()
    const globals = this.globals()
    const elements = this.elements()
    const exports = this.exports(changesTables, references)

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
    additions.writeImports(content)
    for (const [i, { max }] of module.memories.entries()) {
      content.name('guest')
      content.name(String(i))
      content.put(KIND.memory, 1, 0)
      content.u32(max!)
    }
    return content
  }

  private functions(): Writer {
    const { module, additions, source } = this
    const content = new Writer()
    content.u32(additions.ownFunctions + additions.functions.length)
    for (let i = 0; i < additions.ownFunctions; i++) {
      const type = module.functions[module.importedFunctions + i]!
      const isPlain = source.survey.counted[i] === COUNTED.byCallers
      content.u32(isPlain ? type : additions.countedTypeIndex(type))
    }
    for (const { type } of additions.functions) content.u32(type)
    return content
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

  private exports(changesTables: boolean, references: ReadonlyMap<number, bigint>): Writer {
    const { module, additions } = this
    const entries: [name: string, kind: number, index: number][] = [
      ['run', KIND.function, additions.own(module.exports.find(({ name }) => name === EXPORTS.run)!.index)],
      ['save', KIND.function, this.save()],
      ['records', KIND.memory, this.records.memory],
      ...[...additions.globalNames].map(
        ([name, index]) => [name, KIND.global, index] as [string, number, number],
      ),
      ...module.exports
        .filter(({ kind }) => kind === KIND.global)
        .map(({ name, kind, index }) => [name, kind, index] as [string, number, number]),
    ]
    if (changesTables) for (const i of module.tables.keys()) entries.push([`table ${i}`, KIND.table, i])
    for (const index of references.keys())
      entries.push([`function ${index}`, KIND.function, this.referred(index)])
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
