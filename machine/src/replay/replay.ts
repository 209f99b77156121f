/** Brings a program to any of its steps about as fast as it runs natively. */

import { REGISTER, STACK } from '../interpret/layout.ts'
import { type StepLimits, StepMachine } from '../interpret/stepMachine.ts'
import { EXPORTS, STATE } from '../pass/abi.ts'
import { HostAbortError } from '../run/errors.ts'
import { OP } from '../wasm/opcodes.ts'
import {
  type CompiledReplay,
  type CompileOptions,
  compileReplay,
  type ReplaySource,
  readSource,
} from './compileReplay.ts'
import { readRecords } from './readRecords.ts'
import { SLOT_BYTES } from './records.ts'

/** Steps of the program before `run` begins. */
const STEPS_BEFORE_RUN = 1n
/** Behind `run` stands the program's exit code on the stack, and `halt` comes next. */
const PC_OF_HALT = 2
/** More than any run can have. */
const MOST_STEPS = 2n ** 62n
const PAGE_BYTES = 65_536

interface Version {
  readonly compiled: CompiledReplay
  readonly module: WebAssembly.Module
}

/** How compiled code ended. */
type Outcome =
  | { readonly kind: 'stopped' }
  /** In a place where the machine may have other bits; they are the machine's where each NaN is made canonical. */
  | { readonly kind: 'raw NaN' }
  /** With so many steps left when it last looked. */
  | { readonly kind: 'trapped'; readonly left: bigint }

/** A program, compiled once for any number of replays. */
export class ReplayProgram {
  readonly #source: ReplaySource
  readonly #versions = new Map<string, Promise<Version>>()

  /** @param canonical a program as `buildProgram` makes it */
  constructor(canonical: Uint8Array) {
    this.#source = readSource(canonical)
  }

  /**
   * A machine that has done so many steps of the program, or has come to its end before.
   *
   * @throws {HostAbortError} where the host could not do it
   */
  async replay(input: Uint8Array, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    const { compiled } = await this.#version({ isStrict: false, isMarked: false })
    const machine = await this.stopAfter(input, limits, steps - BigInt(compiled.slack))
    machine.runTo(steps)
    return machine
  }

  /**
   * A machine at the first place after so many steps where compiled code can stop: no more than {@link slack} beyond.
   * Where the program ends before that, or does something that compiled code cannot, it is in front of that.
   */
  async stopAfter(input: Uint8Array, limits: StepLimits, steps: bigint): Promise<StepMachine> {
    const options = { isStrict: false, isMarked: false }
    let budget = (steps < MOST_STEPS ? steps : MOST_STEPS) - STEPS_BEFORE_RUN
    for (;;) {
      const { compiled, module } = await this.#version(options)
      const machine = new StepMachine(this.#source.lowered, input, limits)
      if (budget < 0n) return machine
      const run = await CompiledRun.start(compiled, module, machine)
      const outcome = run.run(limits, budget, options.isStrict)
      if (outcome.kind === 'stopped') return machine
      if (outcome.kind === 'raw NaN') options.isStrict = true
      else if (options.isMarked) {
        // There, at the last look before the trap, no steps are left the next time.
        budget -= outcome.left + 1n
        options.isMarked = false
      } else options.isMarked = true
    }
  }

  /** How many forms of the program were compiled: one, unless a NaN or a trap needed another. */
  get versions(): number {
    return this.#versions.size
  }

  /** More steps than lie between two places where compiled code can stop. */
  async slack(): Promise<number> {
    return (await this.#version({ isStrict: false, isMarked: false })).compiled.slack
  }

  #version(options: Required<CompileOptions>): Promise<Version> {
    const key = `${options.isStrict} ${options.isMarked}`
    let version = this.#versions.get(key)
    if (!version) {
      version = this.#compile({ ...options })
      this.#versions.set(key, version)
    }
    return version
  }

  async #compile(options: CompileOptions): Promise<Version> {
    const compiled = compileReplay(this.#source, options)
    try {
      return { compiled, module: await WebAssembly.compile(compiled.bytes) }
    } catch (cause) {
      throw new HostAbortError(`it could not compile the program again: ${(cause as Error).message}`, {
        cause,
      })
    }
  }
}

/** One run of compiled code over the memories of a machine. */
class CompiledRun {
  readonly #compiled: CompiledReplay
  readonly #machine: StepMachine
  readonly #exports: WebAssembly.Exports
  /** By function that can be referred to: its slot. */
  readonly #slots: Map<unknown, bigint>

  private constructor(
    compiled: CompiledReplay,
    machine: StepMachine,
    exports: WebAssembly.Exports,
    slots: Map<unknown, bigint>,
  ) {
    this.#compiled = compiled
    this.#machine = machine
    this.#exports = exports
    this.#slots = slots
  }

  static async start(
    compiled: CompiledReplay,
    module: WebAssembly.Module,
    machine: StepMachine,
  ): Promise<CompiledRun> {
    const { memories } = machine
    const slots = new Map<unknown, bigint>([[null, 0n]])
    let exports: WebAssembly.Exports = {}
    const library = () => memories.guest(1)
    const host = {
      slotOf: (reference: unknown) => slots.get(reference)!,
      input_read: (to: number, offset: number, length: number) => {
        const from = offset >>> 0
        library().set(memories.input.subarray(from, from + (length >>> 0)), to >>> 0)
      },
      output_write: (from: number, length: number) => {
        memories.output.append(library().subarray(from >>> 0, (from >>> 0) + (length >>> 0)))
        setGlobal(exports, 'outputLength', BigInt(memories.output.length))
      },
    }
    try {
      const guest = { ...memories.guests }
      exports = (await WebAssembly.instantiate(module, { host, guest } as WebAssembly.Imports)).exports
    } catch (cause) {
      throw new HostAbortError((cause as Error).message, { cause })
    }
    for (const [index, slot] of compiled.references) slots.set(exports[`function ${index}`], slot)
    return new CompiledRun(compiled, machine, exports, slots)
  }

  run(limits: StepLimits, budget: bigint, isStrict: boolean): Outcome {
    const exports = this.#exports
    setGlobal(exports, EXPORTS.fuel, limits.fuel)
    setGlobal(exports, 'inputLength', this.#machine.memories.input.length)
    setGlobal(exports, 'outputLength', 0n)
    setGlobal(exports, 'outputMax', BigInt(limits.outputMax))
    setGlobal(exports, 'mark', budget)
    const start = globalOf(exports, 'top') as number
    let code: number
    let left: bigint
    try {
      ;[code, left] = (exports.run as (budget: bigint) => [number, bigint])(budget)
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.RuntimeError)) {
        throw new HostAbortError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
      }
      return { kind: 'trapped', left: globalOf(exports, 'mark') as bigint }
    }
    if (globalOf(exports, EXPORTS.state) === STATE.hostAbort) {
      throw new HostAbortError('it could not give memory that the program may have')
    }
    const place = globalOf(exports, 'stopped') ? this.#readRecords(start) : this.#atHalt(code)
    if (place.hasRawNan && !isStrict) return { kind: 'raw NaN' }
    if (globalOf(exports, 'stopped')) left = globalOf(exports, 'left') as bigint
    this.#save(place)
    this.#machine.resumeAt(STEPS_BEFORE_RUN + budget - left + BigInt(place.pending))
    return { kind: 'stopped' }
  }

  #readRecords(start: number) {
    const records = (this.#exports.records as WebAssembly.Memory).buffer
    const end = globalOf(this.#exports, 'top') as number
    const { sites } = this.#compiled
    return readRecords(sites, new BigUint64Array(records), [start, end >>> 0], this.#machine.memories.slots)
  }

  #atHalt(code: number) {
    const { memories } = this.#machine
    memories.slots[STACK / SLOT_BYTES] = BigInt(code >>> 0)
    return { pc: PC_OF_HALT, sp: 1, fp: 0, pending: 0, hasRawNan: false }
  }

  /** Writes what is not in memory already. */
  #save({ pc, sp, fp }: { pc: number; sp: number; fp: number }): void {
    const exports = this.#exports
    const { memories } = this.#machine
    const { layout, slots, guests } = memories
    const view = new DataView(memories.machine.buffer)
    for (const [name, value] of Object.entries({ pc, sp, fp })) {
      view.setUint32(REGISTER[name as 'pc'], value, true)
    }
    view.setBigUint64(REGISTER.fuel, BigInt.asUintN(64, globalOf(exports, EXPORTS.fuel) as bigint), true)
    view.setUint32(REGISTER.stop, globalOf(exports, EXPORTS.state) as number, true)
    view.setUint32(REGISTER.depth, globalOf(exports, EXPORTS.stack) as number, true)
    for (const [i, guest] of guests.entries()) {
      view.setUint32(REGISTER.pages[i]!, guest.buffer.byteLength / PAGE_BYTES, true)
    }
    ;(exports.save as () => void)()
    const saved = new BigUint64Array((exports.records as WebAssembly.Memory).buffer)
    for (const [i, { isRegister }] of this.#compiled.globals.entries()) {
      if (!isRegister) slots[layout.globals / SLOT_BYTES + i] = saved[i]!
    }
    const { dropped, changesTables } = this.#compiled
    for (const [op, address, segments] of [
      [OP.dataDrop, layout.dataLengths, dropped.data],
      [OP.elemDrop, layout.elementLengths, dropped.elements],
    ] as const) {
      for (const segment of segments) {
        if (globalOf(exports, `dropped ${op} ${segment}`)) slots[address / SLOT_BYTES + segment] = 0n
      }
    }
    if (changesTables) this.#saveTables()
  }

  #saveTables(): void {
    const { layout, slots } = this.#machine.memories
    for (const [i, address] of layout.tables.entries()) {
      const table = this.#exports[`table ${i}`] as WebAssembly.Table
      slots[layout.tableSizes / SLOT_BYTES + i] = BigInt(table.length)
      for (let at = 0; at < table.length; at++) {
        slots[address / SLOT_BYTES + at] = this.#slots.get(table.get(at))! + 1n
      }
    }
  }
}

function globalOf(exports: WebAssembly.Exports, name: string): unknown {
  return (exports[name] as WebAssembly.Global).value
}

function setGlobal(exports: WebAssembly.Exports, name: string, value: unknown): void {
  ;(exports[name] as WebAssembly.Global).value = value
}
