/** Where the pass puts what it adds: types, globals and functions behind those of the module and the library. */
import type { BuildLimits } from '../wasm/limits.ts'
import type { FunctionType, Limits, Module } from '../wasm/module.ts'
import { OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import { STATE } from './abi.ts'

export interface AddedFunction {
  readonly type: number
  /** Locals and code, without the size before them. */
  readonly body: Uint8Array
}

export class Layout {
  readonly fuel: number
  readonly state: number
  readonly stack: number
  /** The types of the module and of the library, and then those that were added. */
  readonly types: FunctionType[]
  readonly functions: AddedFunction[] = []
  /** The most pages of each memory and elements of each table, as they stand in the canonical program. */
  readonly maxPages: readonly number[]
  readonly maxElements: readonly number[]
  private readonly firstFunction: number
  private readonly known = new Map<string, number>()
  private typesByKey: Map<string, number> | null = null

  /** @param functions how many come before those that are added here */
  constructor(module: Module, library: Module | null, functions: number, limits: BuildLimits) {
    this.fuel = module.globals.length + (library?.globals.length ?? 0)
    this.state = this.fuel + 1
    this.stack = this.fuel + 2
    this.types = [...module.types, ...(library?.types ?? [])]
    this.firstFunction = functions
    this.maxPages = memoriesOf(module, library).map(({ max }) =>
      Math.min(max ?? limits.maxPages, limits.maxPages),
    )
    this.maxElements = shareElements(module.tables, limits.maxTableElements)
  }

  /** The index of a type, which is added if the module has none like it. */
  typeIndex(type: FunctionType): number {
    if (this.typesByKey === null) {
      const keys = new Map<string, number>()
      for (const [i, own] of this.types.entries()) if (!keys.has(typeKey(own))) keys.set(typeKey(own), i)
      this.typesByKey = keys
    }
    const key = typeKey(type)
    const found = this.typesByKey.get(key)
    if (found !== undefined) return found
    this.types.push(type)
    this.typesByKey.set(key, this.types.length - 1)
    return this.types.length - 1
  }

  /** The index of a function of the pass, which is made at its first use. */
  functionIndex(name: string, make: () => AddedFunction): number {
    const found = this.known.get(name)
    if (found !== undefined) return found
    this.functions.push(make())
    const index = this.firstFunction + this.functions.length - 1
    this.known.set(name, index)
    return index
  }

  /** Code that ends the program: it never falls through. */
  writeStop(code: Writer, state: number): void {
    code.u8(OP.i32Const)
    code.signed(state)
    code.u8(OP.globalSet)
    code.u32(this.state)
    if (state === STATE.outOfFuel) {
      code.put(OP.i64Const, 0, OP.globalSet)
      code.u32(this.fuel)
    }
    code.u8(OP.unreachable)
  }
}

/**
 * The most elements of each table, at most `most` together, of which the tables start with no more. What is left
 * after that is shared evenly, but no table gets more than it asks for: tables whose own maxima fit keep them.
 */
export function shareElements(tables: readonly Limits[], most: number): number[] {
  let left = tables.reduce((rest, { min }) => rest - min, most)
  const wants = tables.map(({ min, max }) => Math.min(max ?? most, most) - min)
  const shares = tables.map(({ min }) => min)
  const byWant = [...wants.keys()].sort((a, b) => wants[a]! - wants[b]! || a - b)
  for (const [i, table] of byWant.entries()) {
    const share = Math.min(wants[table]!, Math.floor(left / (tables.length - i)))
    shares[table]! += share
    left -= share
  }
  return shares
}

/** The memories of the program. Beside a library there are always two, so that its own is number 1. */
export function memoriesOf(module: Module, library: Module | null): readonly Limits[] {
  if (!library) return module.memories
  const none: Limits = { min: 0, max: 0, offset: 0 }
  return [module.memories[0] ?? none, library.memories[0] ?? none]
}

function typeKey({ params, results }: FunctionType): string {
  return `${params.join()}>${results.join()}`
}
