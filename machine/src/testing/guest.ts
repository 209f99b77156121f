import { EXPORTS, MAX_FUEL, STACK_SLOTS } from '../pass/abi.ts'
import { instrument } from '../pass/instrument.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import type { Module } from '../wasm/module.ts'
import { bitCaller } from './bitCaller.ts'

/** A canonical program whose module's own exports were kept, so that a test can call them one by one. */
export interface Guest {
  readonly module: Module
  readonly exports: WebAssembly.Exports
  readonly fuel: WebAssembly.Global<'i64'>
  readonly state: WebAssembly.Global<'i32'>
  readonly stack: WebAssembly.Global<'i32'>
  /** Fills fuel and stack again, after a trap for one. */
  reset(fuel?: bigint, stack?: number): void
  /** Calls an export, floats as bit patterns. */
  call(name: string, ...bits: unknown[]): unknown
}

/** The canonical bytes of a module whose imports need not be admitted, with all its exports. */
export function canonicalOf(bytes: Uint8Array): { module: Module; canonical: Uint8Array<ArrayBuffer> } {
  const module = decodeModule(bytes, DEFAULT_LIMITS)
  const calls = module.start ? [module.start.index] : []
  const canonical = instrument(module, DEFAULT_LIMITS, { calls, keep: module.exports })
  return { module, canonical: canonical as Uint8Array<ArrayBuffer> }
}

export function guestOf(bytes: Uint8Array, imports: WebAssembly.Imports = {}): Guest {
  const { module, canonical } = canonicalOf(bytes)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(canonical), imports)
  const global = <T extends keyof WebAssembly.ValueTypeMap>(name: string) =>
    exports[name] as WebAssembly.Global<T>
  const callers = new Map<string, (...bits: unknown[]) => unknown>()
  const guest: Guest = {
    module,
    exports,
    fuel: global<'i64'>(EXPORTS.fuel),
    state: global<'i32'>(EXPORTS.state),
    stack: global<'i32'>(EXPORTS.stack),
    reset(fuel = MAX_FUEL, stack = STACK_SLOTS) {
      this.fuel.value = fuel
      this.state.value = 0
      this.stack.value = stack
    },
    call(name, ...bits) {
      let caller = callers.get(name)
      if (!caller) {
        const { index } = module.exports.find((entry) => entry.name === name)!
        const type = module.types[module.functions[index]!]!
        caller = bitCaller(exports[name] as CallableFunction, type)
        callers.set(name, caller)
      }
      return caller(...bits)
    },
  }
  guest.reset()
  return guest
}
