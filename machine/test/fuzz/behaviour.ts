/** What a module does when its exports are called in turn, so that two forms of it can be compared. */
import { EXPORTS, MAX_FUEL, STATE } from '../../src/pass/abi.ts'
import { Dice } from '../../src/random/dice.ts'
import { I64 } from '../../src/wasm/opcodes.ts'
import { GLOBALS_EXPORT, type Specimen } from './generateModule.ts'

/** Slots of stack for one call: below what the test's own thread can hold. */
const STACK = 20_000

/** Outcomes of calls that never end: V8 and the bound of the pass word them differently. */
export const STACK_EXHAUSTED = 'stack exhausted'
export const OUT_OF_FUEL = 'out of fuel'

export interface Step {
  readonly call: string
  readonly outcome: string
  readonly log: readonly string[]
  readonly globals: string
  readonly memory: Uint8Array
  /** Of a canonical program. */
  readonly fuel: bigint
}

export class Subject {
  private readonly exports: WebAssembly.Exports = {}
  private readonly isCanonical: boolean
  private log: string[] = []
  /** How instantiation and the start function went; `done` if nothing else can be said of them. */
  readonly start: string

  constructor(module: WebAssembly.Module, isCanonical: boolean) {
    this.isCanonical = isCanonical
    const log = (a: number, b: bigint) => {
      this.log.push(`${a} ${b}`)
      return (a ^ Number(b & 0xffffn)) | 0
    }
    let exports: WebAssembly.Exports | undefined
    // The module's start function runs when it is instantiated, the canonical program's when it is told to.
    this.start = this.outcome(() => {
      exports = new WebAssembly.Instance(module, { m: { log } }).exports
      if (!isCanonical) return 'done'
      this.refill(exports, MAX_FUEL)
      ;(exports[EXPORTS.run] as () => number)()
      return 'done'
    }, exports)
    if (exports) this.exports = exports
  }

  step(name: string, args: readonly unknown[], fuel = MAX_FUEL): Step {
    this.log = []
    if (this.isCanonical) this.refill(this.exports, fuel)
    const outcome = this.outcome(() => (this.exports[name] as CallableFunction)(...args), this.exports)
    const left = this.isCanonical ? (this.exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>).value : 0n
    const { log } = this
    if (this.isCanonical) this.refill(this.exports, MAX_FUEL)
    const globals = String((this.exports[GLOBALS_EXPORT] as CallableFunction)())
    const memory = new Uint8Array((this.exports.memory as WebAssembly.Memory).buffer)
    return { call: `${name}(${args})`, outcome, log, globals, memory, fuel: fuel - left }
  }

  /** The value of a global that is exported. */
  global(name: string): bigint {
    return (this.exports[name] as WebAssembly.Global<'i64'>).value
  }

  private refill(exports: WebAssembly.Exports, fuel: bigint): void {
    ;(exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>).value = fuel
    ;(exports[EXPORTS.state] as WebAssembly.Global<'i32'>).value = STATE.running
    ;(exports[EXPORTS.stack] as WebAssembly.Global<'i32'>).value = STACK
  }

  private outcome(act: () => unknown, exports: WebAssembly.Exports | undefined): string {
    try {
      return String(act())
    } catch (error) {
      if (!this.isCanonical && error instanceof RangeError) return STACK_EXHAUSTED
      if (!(error instanceof WebAssembly.RuntimeError)) return String(error)
      const state =
        exports && this.isCanonical ? (exports[EXPORTS.state] as WebAssembly.Global).value : STATE.running
      if (state === STATE.stackExhausted) return STACK_EXHAUSTED
      if (state === STATE.outOfFuel) return OUT_OF_FUEL
      return state === STATE.running ? `trap: ${error.message}` : `state ${state}`
    }
  }
}

/** Arguments for every call of a specimen, each called twice: what the first left behind is there for the second. */
export function callsOf({ calls }: Specimen, seed: number): { name: string; args: unknown[] }[] {
  const dice = new Dice(seed ^ 0x5eed)
  return [...calls, ...calls].map(({ name, params }) => ({
    name,
    args: params.map((type) => (type === I64 ? BigInt.asIntN(64, dice.bits(64)) : Number(dice.bits(32)) | 0)),
  }))
}
