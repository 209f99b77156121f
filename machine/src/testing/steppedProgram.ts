/**
 * One canonical program run call by call in every way there is: on V8, by the step machine, and by the reference. A call
 * is an ordinary one of the lowered code whose link leads to `halt`, on what the calls before it left.
 */

import { REGISTER, STACK } from '../interpret/layout.ts'
import { StepMachine } from '../interpret/stepMachine.ts'
import { lower } from '../lower/lower.ts'
import type { Lowered } from '../lower/lowered.ts'
import { MAX_FUEL } from '../pass/abi.ts'
import { instrument } from '../pass/instrument.ts'
import {
  type Contents,
  type Extent,
  MACHINE_STATUS,
  type MachineState,
  type Registers,
  SLOTS,
} from '../state/state.ts'
import { ReferenceMachine } from '../step/referenceMachine.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import type { Module } from '../wasm/module.ts'
import { FUNCREF } from '../wasm/opcodes.ts'
import { differenceOf } from './sameState.ts'
import {
  type CallLimits,
  everything,
  FIRST_STAND_IN,
  MOST_ELEMENTS,
  OnV8,
  type Outcome,
  type World,
} from './steppedOnV8.ts'
import { settleRawNans } from './steppedRawNans.ts'

export interface SteppedOptions {
  /** The reference makes calls of so many steps at most. */
  readonly mostReferenceSteps: number
  /**
   * Is asked before each call.
   *
   * @param state before the call's first step
   * @returns steps before which the call is to be shown, in ascending order
   */
  readonly stops?: (program: SteppedProgram, state: MachineState) => readonly bigint[]
  /** @param state by the step machine; valid until it goes on */
  readonly onStop?: (program: SteppedProgram, step: bigint, state: MachineState) => void
}

/** A call's outcome on V8, and what was different elsewhere. */
export interface Compared {
  readonly outcome: Outcome
  readonly steps: number
  readonly byReference: boolean
  readonly different: string | undefined
}

/** Below what the test's own thread can hold. */
export const LIMITS: CallLimits = { fuel: MAX_FUEL, depth: 20_000 }

const HALT = 2n
const END = 2n ** 62n
const LEAF_BYTES = 32

export class SteppedProgram {
  readonly module: Module
  readonly lowered: Lowered
  readonly #machine: StepMachine
  readonly #onV8: OnV8
  readonly #options: SteppedOptions
  readonly #functionAt = new Map<number, number>()

  /**
   * @param bytes a module without imports
   * @throws {ModuleRefusedError} for one that cannot be a program
   */
  constructor(bytes: Uint8Array, options: SteppedOptions) {
    this.module = decodeModule(bytes, DEFAULT_LIMITS)
    const { start } = this.module
    const kept = { calls: start ? [start.index] : [], keep: everything(this.module) }
    const canonical = instrument(this.module, DEFAULT_LIMITS, kept) as Uint8Array<ArrayBuffer>
    this.lowered = lower(canonical)
    for (const [index, pc] of this.lowered.functions.entries()) this.#functionAt.set(pc, index)
    this.#machine = new StepMachine(this.lowered, new Uint8Array(), { fuel: 0n, outputMax: 0 })
    this.#onV8 = new OnV8(this.module, canonical)
    this.#options = options
  }

  /** The start function, as the program's entry calls it. */
  start(limits = LIMITS): Compared {
    this.#begin({ pc: 1, fp: 0 }, [], limits)
    return this.#compare(() => this.#onV8.start(limits), Uint8Array.of(0x7f), 0)
  }

  /** @param args as slots; of references only null and stand-ins' numbers */
  call(name: string, args: readonly bigint[], limits = LIMITS): Compared {
    const { index } = this.module.exports.find((entry) => entry.name === name)!
    const type = this.module.types[this.module.functions[index]!]!
    this.#begin({ pc: this.lowered.functions[index]!, fp: 1 }, [0n, ...args, HALT], limits)
    return this.#compare(() => this.#onV8.call(name, type, args, limits), type.results, 1)
  }

  /** The value of an exported global, on V8 as by the machine. */
  global(name: string): bigint {
    const { index } = this.module.exports.find((entry) => entry.name === name)!
    return BigInt(this.world().globals[index]!)
  }

  /** What it holds by the step machine. */
  world(): World {
    const { guests, layout, slots } = this.#machine.memories
    const reference = (slot: bigint) => this.#numberOf(slot)
    return {
      globals: this.module.globals.map(({ type }, i) => {
        const slot = slots[layout.globals / 8 + i]!
        return type === FUNCREF ? BigInt(reference(slot)) : slot
      }),
      tables: layout.tables.map((address, i) => {
        const size = Number(slots[layout.tableSizes / 8 + i]!)
        const elements = slots.subarray(address / 8, address / 8 + Math.min(MOST_ELEMENTS, size))
        return { size, elements: Array.from(elements, (element) => reference(element - 1n)) }
      }),
      memories: this.module.memories.map((_, i) => new Uint8Array(guests[i as 0 | 1].buffer)),
    }
  }

  #begin(at: Pick<Registers, 'pc' | 'fp'>, stack: readonly bigint[], { fuel, depth }: CallLimits): void {
    const { memories } = this.#machine
    const view = new DataView(memories.machine.buffer)
    const registers = { ...at, sp: stack.length, aux: 0, depth, stop: 0, status: 0 }
    for (const [name, value] of Object.entries(registers)) {
      view.setUint32(REGISTER[name as keyof typeof registers], value, true)
    }
    view.setBigUint64(REGISTER.fuel, fuel, true)
    memories.slots.set(stack, STACK / 8)
    this.#machine.resumeAt(0n)
  }

  /** @param bottom slot of the first result */
  #compare(onV8: () => Outcome, results: Uint8Array, bottom: number): Compared {
    const before = compact(this.#machine)
    const { mostReferenceSteps: most, stops, onStop } = this.#options
    const reference = most > 0 ? new ReferenceMachine(before) : undefined
    for (const stop of stops?.(this, before) ?? []) {
      this.#machine.runTo(stop)
      onStop?.(this, stop, compact(this.#machine))
    }
    this.#machine.runTo(END)
    const outcome = onV8()
    const steps = Number(this.#machine.steps)
    const byReference = reference !== undefined && steps <= most
    const different =
      differenceOfOutcomes(outcome, this.#outcome(results, bottom)) ??
      differenceOfWorlds(this.#onV8.world(), this.world(), outcome.status !== MACHINE_STATUS.exited) ??
      (byReference ? this.#differenceOfReference(reference) : undefined)
    return { outcome, steps, byReference, different }
  }

  #outcome(results: Uint8Array, bottom: number): Outcome {
    const { memories, registers } = this.#machine
    const { status, fuel, stop, depth } = registers
    const from = STACK / 8 + bottom
    const slots = status === MACHINE_STATUS.exited ? memories.slots.subarray(from, from + results.length) : []
    const values = Array.from(slots, (slot, i) =>
      results[i] === FUNCREF ? BigInt(this.#numberOf(slot)) : slot,
    )
    return { status, results: values, fuel, stop, depth }
  }

  #differenceOfReference(reference: ReferenceMachine): string | undefined {
    while (reference.registers.status === 0 && reference.steps <= this.#machine.steps) reference.step()
    if (reference.steps !== this.#machine.steps) {
      return `${this.#machine.steps} steps, by the reference ${reference.steps}`
    }
    const different = differenceOf(compact(this.#machine), reference.state())
    return different && `by the step machine and the reference: ${different}`
  }

  #numberOf(slot: bigint): number {
    if (slot === 0n) return 0
    if (slot >= FIRST_STAND_IN) return Number(slot)
    return this.#functionAt.get(Number(slot & 0xffff_ffffn))! + 1
  }
}

function differenceOfOutcomes(onV8: Outcome, stepped: Outcome): string | undefined {
  for (const name of ['status', 'results', 'fuel', 'stop', 'depth'] as const) {
    const [expected, actual] = [String(onV8[name]), String(stepped[name])]
    if (expected !== actual) return `${name} ${expected} on V8, ${actual} by steps`
  }
  return undefined
}

/** @param cut whether the call was cut short */
function differenceOfWorlds(onV8: World, stepped: World, cut: boolean): string | undefined {
  for (const name of ['globals', 'tables'] as const) {
    const [expected, actual] = [onV8, stepped].map((world) => JSON.stringify(world[name], textOfBigint))
    if (expected !== actual) return `${name} ${expected} on V8, ${actual} by steps`
  }
  for (const [i, memory] of onV8.memories.entries()) {
    const other = stepped.memories[i]!
    if (Buffer.compare(memory, other) === 0) continue
    if (!cut || !settleRawNans(memory, other)) return `memory ${i} is another`
  }
  return undefined
}

const textOfBigint = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

const PAGE = 4096
const ZERO = new Uint8Array(PAGE)

/** The state without what is zero, and of tables what they hold now: there is room for all that they may ever hold. */
function compact({ memories }: StepMachine): MachineState {
  const { layout, slots: own } = memories
  const state = memories.state()
  // A table that grows has elements beyond its size, which is set at the end.
  const sizeOf = (table: number) => Number(own[layout.tableSizes / 8 + table]!) + state.registers.aux
  const slots = state.slots.map(({ leaf, bytes }) => {
    const table = (4 * leaf - SLOTS.tables) / SLOTS.table
    const isTable = table >= 0 && table < layout.tables.length
    return { leaf, bytes: isTable ? bytes.subarray(0, 8 * sizeOf(table)) : bytes }
  })
  return {
    ...state,
    stack: withoutZeros(state.stack),
    slots: withoutZeros(slots),
    memory: withoutZeros(state.memory),
  }
}

function withoutZeros(contents: Contents): Contents {
  const kept: Extent[] = []
  for (const { leaf, bytes } of contents) {
    for (let at = 0; at < bytes.length; at += PAGE) {
      const page = bytes.subarray(at, at + PAGE)
      if (Buffer.compare(page, ZERO.subarray(0, page.length)) === 0) continue
      kept.push({ leaf: leaf + at / LEAF_BYTES, bytes: page })
    }
  }
  return kept
}
