/** What compiled code has beside the canonical program's own: where types, functions and globals of its own stand. */
import { type FunctionType, KIND, type Module } from '../wasm/module.ts'
import { FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'

/** What the host gives, in this order. */
export const IMPORTS = [
  /** The slot of a reference, and back. */
  { name: 'slotOf', params: [FUNCREF], results: [I64] },
  { name: 'referenceOf', params: [I64], results: [FUNCREF] },
  { name: 'input_read', params: [I32, I32, I32], results: [] },
  { name: 'output_write', params: [I32, I32], results: [] },
] as const

export type ImportName = (typeof IMPORTS)[number]['name']

interface AddedFunction {
  readonly type: number
  /** Locals and code. */
  readonly body: Uint8Array
}

export class Additions {
  readonly types: FunctionType[]
  readonly functions: AddedFunction[] = []
  /** Types of mutable globals, all 0 at first. */
  readonly globals: number[] = []
  private readonly module: Module
  private readonly typesByKey = new Map<string, number>()
  private readonly functionsByName = new Map<string, number>()
  private readonly globalsByName = new Map<string, number>()

  constructor(module: Module) {
    this.module = module
    this.types = [...module.types, ...module.types.map(countedType)]
    for (const [i, type] of this.types.entries()) {
      const key = typeKey(type)
      if (!this.typesByKey.has(key)) this.typesByKey.set(key, i)
    }
  }

  get ownFunctions(): number {
    return this.module.functions.length - this.module.importedFunctions
  }

  /** All functions, the imported ones among them. */
  get functionCount(): number {
    return IMPORTS.length + this.ownFunctions + this.functions.length
  }

  typeIndex(type: FunctionType): number {
    const key = typeKey(type)
    const found = this.typesByKey.get(key)
    if (found !== undefined) return found
    this.typesByKey.set(key, this.types.length)
    return this.types.push(type) - 1
  }

  /** Of the module's type: that of a function that counts. */
  countedTypeIndex(type: number): number {
    return this.module.types.length + type
  }

  /**
   * A module that goes on from a site imports those functions that it needs; they get their places there as they are
   * needed. Null for the program's own module.
   */
  imports: Map<number, number> | null = null

  /** The function's index in the module that is written. */
  placeOf(index: number): number {
    const { imports } = this
    if (!imports) return index
    const known = imports.get(index) ?? imports.size
    imports.set(index, known)
    return known
  }

  writeCall(code: Writer, index: number): void {
    code.u8(OP.call)
    code.u32(this.placeOf(index))
  }

  imported(name: ImportName): number {
    return IMPORTS.findIndex((entry) => entry.name === name)
  }

  /** @param index of a function of the module, its imports among them */
  own(index: number): number {
    return IMPORTS.length + index - this.module.importedFunctions
  }

  /** A function of compiled code's own, which is made at its first use. */
  function(name: string, make: () => AddedFunction): number {
    const found = this.functionsByName.get(name)
    if (found !== undefined) return found
    // Making it may add others.
    const made = make()
    const index = this.functionCount
    this.functions.push(made)
    this.functionsByName.set(name, index)
    return index
  }

  /** Likewise, from what its code writes up to the last `end`. */
  written(
    name: string,
    params: readonly number[],
    results: readonly number[],
    locals: readonly number[],
    write: (code: Writer) => void,
  ): number {
    return this.function(name, () => {
      const code = new Writer()
      code.u32(locals.length)
      for (const type of locals) code.put(1, type)
      write(code)
      code.u8(OP.end)
      const type = { params: Uint8Array.from(params), results: Uint8Array.from(results) }
      return { type: this.typeIndex(type), body: code.finish() }
    })
  }

  global(name: string, type: number): number {
    const found = this.globalsByName.get(name)
    if (found !== undefined) return found
    const index = this.module.globals.length + this.globals.push(type) - 1
    this.globalsByName.set(name, index)
    return index
  }

  get globalNames(): ReadonlyMap<string, number> {
    return this.globalsByName
  }

  writeImport(content: Writer, index: number): void {
    const { name, params, results } = IMPORTS[index]!
    content.name('host')
    content.name(name)
    content.u8(KIND.function)
    content.u32(this.typeIndex({ params: Uint8Array.from(params), results: Uint8Array.from(results) }))
  }
}

/** With the steps that are left as one more parameter and result. */
function countedType({ params, results }: FunctionType): FunctionType {
  return { params: Uint8Array.of(...params, I64), results: Uint8Array.of(...results, I64) }
}

function typeKey({ params, results }: FunctionType): string {
  return `${params.join()}>${results.join()}`
}
