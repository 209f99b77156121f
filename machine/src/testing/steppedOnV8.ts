/** A canonical program on V8, with all of its state in sight: what the step machine is compared with. */

import { EXPORTS, STATE } from '../pass/abi.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { type Export, type FunctionType, KIND, type Module } from '../wasm/module.ts'
import { F32, F64, FUNCREF, I32, I64 } from '../wasm/opcodes.ts'
import { bitCaller } from './bitCaller.ts'
import { wat } from './wat.ts'

/** How a call ended, in the machine's terms. Slots of results are there if it returned. */
export interface Outcome {
  readonly status: number
  readonly results: readonly bigint[]
  readonly fuel: bigint
  readonly stop: number
  readonly depth: number
}

/** What a call may use: units of fuel, and slots of stack as the program counts them. */
export interface CallLimits {
  readonly fuel: bigint
  readonly depth: number
}

/** A reference: 0 for null, the function's index plus 1, or what a stand-in is numbered. */
export type Reference = number

/** What the program holds. Only the first elements of a table, where it has very many. */
export interface World {
  readonly globals: readonly (bigint | Reference)[]
  readonly tables: readonly { readonly size: number; readonly elements: readonly Reference[] }[]
  readonly memories: readonly Uint8Array[]
}

/** Elements of a table that are looked at. */
export const MOST_ELEMENTS = 300

/** References that a host hands in are numbered from here. Lowered, the number is the slot: one of no function. */
export const FIRST_STAND_IN = 2 ** 52

const STATUS_OF_STATE: Readonly<Record<number, number>> = {
  [STATE.running]: MACHINE_STATUS.trapped,
  [STATE.outOfFuel]: MACHINE_STATUS.outOfFuel,
  [STATE.stackExhausted]: MACHINE_STATUS.stackExhausted,
}

/** Exports that show every global, table and memory of a module, beside its own exports. */
export function everything({ exports, globals, tables, memories }: Module): Export[] {
  const all = (kind: number, list: readonly unknown[]): Export[] =>
    list.map((_, index) => ({ name: shown(kind, index), kind, index, offset: 0 }))
  return [...exports, ...all(KIND.global, globals), ...all(KIND.table, tables), ...all(KIND.memory, memories)]
}

const shown = (kind: number, index: number) => `shown:${kind}:${index}`

export class OnV8 {
  readonly #module: Module
  readonly #exports: WebAssembly.Exports
  readonly #callers = new Map<string, (...bits: unknown[]) => unknown>()
  readonly #bitsOfGlobals: readonly (() => bigint)[]

  constructor(module: Module, canonical: Uint8Array<ArrayBuffer>) {
    this.#module = module
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(canonical)).exports
    this.#bitsOfGlobals = module.globals.map(({ type, mutable }, i) => {
      const global = this.#global(shown(KIND.global, i))
      if (type === FUNCREF) return () => BigInt(numberOf(global.value))
      return readerOf(global, type, mutable)
    })
  }

  /** Calls the entry: the module's start function. */
  start(limits: CallLimits): Outcome {
    const run = this.#exports[EXPORTS.run] as () => number
    return this.#outcome(limits, () => [BigInt(run())])
  }

  /** @param args as slots; of references only null and stand-ins' numbers */
  call(name: string, type: FunctionType, args: readonly bigint[], limits: CallLimits): Outcome {
    let caller = this.#callers.get(name)
    if (!caller) {
      caller = bitCaller(this.#exports[name] as CallableFunction, type)
      this.#callers.set(name, caller)
    }
    const values = args.map((slot, i) => argumentOf(slot, type.params[i]!))
    return this.#outcome(limits, () => {
      const result = caller(...values)
      const results = type.results.length === 1 ? [result] : ((result ?? []) as unknown[])
      return results.map((value, i) => slotOf(value, type.results[i]!))
    })
  }

  world(): World {
    const { tables, memories } = this.#module
    return {
      globals: this.#bitsOfGlobals.map((read) => read()),
      tables: tables.map((_, i) => {
        const table = this.#exports[shown(KIND.table, i)] as WebAssembly.Table
        const length = Math.min(MOST_ELEMENTS, table.length)
        return { size: table.length, elements: Array.from({ length }, (_, at) => numberOf(table.get(at))) }
      }),
      memories: memories.map(
        (_, i) => new Uint8Array((this.#exports[shown(KIND.memory, i)] as WebAssembly.Memory).buffer),
      ),
    }
  }

  #outcome({ fuel, depth }: CallLimits, act: () => bigint[]): Outcome {
    const left = this.#global(EXPORTS.fuel)
    const state = this.#global(EXPORTS.state)
    const stack = this.#global(EXPORTS.stack)
    left.value = fuel
    state.value = STATE.running
    stack.value = depth
    let status: number = MACHINE_STATUS.exited
    let results: bigint[] = []
    try {
      results = act()
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
      status = STATUS_OF_STATE[state.value] ?? MACHINE_STATUS.trapped
    }
    return { status, results, fuel: left.value, stop: state.value, depth: stack.value }
  }

  #global(name: string): WebAssembly.Global {
    return this.#exports[name] as WebAssembly.Global
  }
}

const standIns = new Map<number, CallableFunction>()
const numbers = new Map<unknown, Reference>()

/** The number of the reference that the host hands in under a number of its own. */
export const standInNumber = (which: number): Reference => FIRST_STAND_IN + which

/** A function for each reference that a host hands in: of its own module, so that it is no other's. */
function standIn(number: Reference): CallableFunction {
  const known = standIns.get(number)
  if (known) return known
  const bytes = wat('(module (func (export "f")))') as Uint8Array<ArrayBuffer>
  const made = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f as CallableFunction
  standIns.set(number, made)
  numbers.set(made, number)
  return made
}

/** An exported function is named by its index: so the JavaScript interface of WebAssembly has it. */
function numberOf(reference: unknown): Reference {
  if (reference === null) return 0
  return numbers.get(reference) ?? Number((reference as CallableFunction).name) + 1
}

function argumentOf(slot: bigint, type: number): unknown {
  if (type === FUNCREF) return slot === 0n ? null : standIn(Number(slot))
  return type === I32 || type === F32 ? Number(BigInt.asIntN(32, slot)) : BigInt.asIntN(64, slot)
}

function slotOf(value: unknown, type: number): bigint {
  if (type === FUNCREF) return BigInt(numberOf(value))
  return BigInt.asUintN(type === I32 || type === F32 ? 32 : 64, BigInt(value as number | bigint))
}

const TYPE_NAME: Readonly<Record<number, string>> = { [I32]: 'i32', [I64]: 'i64', [F32]: 'f32', [F64]: 'f64' }
const TO_BITS: Readonly<Record<number, string>> = {
  [F32]: 'i32.reinterpret_f32',
  [F64]: 'i64.reinterpret_f64',
}
const readers = new Map<string, WebAssembly.Module>()

/** Reads a global's bits, which JavaScript may change where it is a float. */
function readerOf(global: WebAssembly.Global, type: number, mutable: boolean): () => bigint {
  const name = TYPE_NAME[type]!
  const declared = mutable ? `(mut ${name})` : name
  let module = readers.get(declared)
  if (!module) {
    const result = name.replace('f', 'i')
    const text = `(module (import "m" "g" (global ${declared}))
      (func (export "f") (result ${result}) global.get 0 ${TO_BITS[type] ?? ''}))`
    module = new WebAssembly.Module(wat(text) as Uint8Array<ArrayBuffer>)
    readers.set(declared, module)
  }
  const read = new WebAssembly.Instance(module, { m: { g: global } }).exports.f as () => number | bigint
  return () => slotOf(read(), type)
}
