/** A state as it lies in memory, and what rare instructions do with it. */
import { GrowingBytes } from '../io/growingBytes.ts'
import type { Lowered } from '../lower/lowered.ts'
import { HostAbortError } from '../run/errors.ts'
import {
  type Contents,
  type MachineState,
  MEMORY_SPACE_LEAVES,
  type Registers,
  SLOTS,
} from '../state/state.ts'
import { CODE, type Layout, REGISTER, STACK } from './layout.ts'

const LEAF_BYTES = 32
const LEAF_SLOTS = 4

/** A part of the slots region: its first slot there, its address here, and how many slots of it there are. */
interface Part {
  readonly slot: number
  readonly address: number
  readonly count: number
}

export class Memories {
  readonly layout: Layout
  readonly input: Uint8Array
  readonly output = new GrowingBytes()
  readonly outputMax: number
  /** Passive data segments. */
  readonly data: Uint8Array
  /** The interpreter's own memory, and the program's two. */
  readonly machine: WebAssembly.Memory
  readonly guests: readonly [WebAssembly.Memory, WebAssembly.Memory]
  /** The interpreter's memory as slots. */
  readonly slots: BigUint64Array
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #code: Uint8Array
  readonly #parts: readonly Part[]

  constructor(lowered: Lowered, layout: Layout, state: MachineState) {
    const { registers } = state
    this.layout = layout
    this.input = state.input
    this.outputMax = Number(registers.outputMax)
    this.data = lowered.data
    this.machine = allocate(layout.pages, layout.pages)
    this.guests = [
      allocate(registers.pages[0], lowered.maxPages[0]),
      allocate(registers.pages[1], lowered.maxPages[1]),
    ]
    this.slots = new BigUint64Array(this.machine.buffer)
    this.#bytes = new Uint8Array(this.machine.buffer)
    this.#view = new DataView(this.machine.buffer)
    this.#code = lowered.code
    this.#parts = partsOf(lowered, layout)
    this.#take(state)
  }

  /** Copies what the state holds. */
  #take({ registers, stack, slots, memory, output }: MachineState): void {
    for (const name of ['pc', 'sp', 'fp', 'aux', 'depth', 'stop', 'status'] as const) {
      this.#view.setUint32(REGISTER[name], registers[name], true)
    }
    this.#view.setBigUint64(REGISTER.fuel, registers.fuel, true)
    for (const i of [0, 1] as const) this.#view.setUint32(REGISTER.pages[i], registers.pages[i], true)
    copyInto(this.#bytes.subarray(STACK, CODE), stack, 0)
    for (const { slot, address, count } of this.#parts) {
      copyInto(this.#bytes.subarray(address, address + 8 * count), slots, slot / LEAF_SLOTS)
    }
    for (const i of [0, 1] as const) copyInto(this.guest(i), memory, i * MEMORY_SPACE_LEAVES)
    const written = new Uint8Array(Number(registers.outputLength))
    copyInto(written, output, 0)
    this.output.append(written)
  }

  get registers(): Registers {
    const word = (address: number) => this.#view.getUint32(address, true)
    return {
      pc: word(REGISTER.pc),
      sp: word(REGISTER.sp),
      fp: word(REGISTER.fp),
      aux: word(REGISTER.aux),
      fuel: this.#view.getBigUint64(REGISTER.fuel, true),
      depth: word(REGISTER.depth),
      stop: word(REGISTER.stop),
      status: word(REGISTER.status),
      pages: [this.pages(0), this.pages(1)],
      outputLength: BigInt(this.output.length),
      outputMax: BigInt(this.outputMax),
    }
  }

  state(): MachineState {
    const registers = this.registers
    const parts = this.#parts.map(({ slot, address, count }) => ({
      leaf: slot / LEAF_SLOTS,
      bytes: this.#bytes.subarray(address, address + 8 * count),
    }))
    const memories = [this.guest(0), this.guest(1), this.data].map((bytes, space) => ({
      leaf: space * MEMORY_SPACE_LEAVES,
      bytes,
    }))
    return {
      registers,
      code: held([{ leaf: 0, bytes: this.#code }]),
      stack: held([{ leaf: 0, bytes: this.#bytes.subarray(STACK, STACK + 8 * registers.sp) }]),
      slots: held(parts),
      memory: held(memories),
      output: held([{ leaf: 0, bytes: this.output.bytes() }]),
      input: this.input,
    }
  }

  get aux(): number {
    return this.#view.getUint32(REGISTER.aux, true)
  }

  set aux(value: number) {
    this.#view.setUint32(REGISTER.aux, value, true)
  }

  get status(): number {
    return this.#view.getUint32(REGISTER.status, true)
  }

  set status(value: number) {
    this.#view.setUint32(REGISTER.status, value, true)
  }

  get stop(): number {
    return this.#view.getUint32(REGISTER.stop, true)
  }

  get pc(): number {
    return this.#view.getUint32(REGISTER.pc, true)
  }

  /** One of the program's memories: a view until it grows. */
  guest(memory: number): Uint8Array {
    return new Uint8Array(this.guests[memory as 0 | 1].buffer)
  }

  pages(memory: number): number {
    return this.#view.getUint32(REGISTER.pages[memory as 0 | 1], true)
  }

  grow(memory: 0 | 1, delta: number): void {
    try {
      this.guests[memory].grow(delta)
    } catch (cause) {
      throw new HostAbortError(`it could not give ${delta} more pages of memory`, { cause })
    }
    this.#view.setUint32(REGISTER.pages[memory], this.pages(memory) + delta, true)
  }

  /** The low 32 bits of an operand: 1 is the top. */
  operand(depth: number): number {
    return this.#view.getUint32(this.#address(depth), true)
  }

  wideOperand(depth: number): bigint {
    return this.#view.getBigUint64(this.#address(depth), true)
  }

  setOperand(depth: number, value: number): void {
    this.setWideOperand(depth, BigInt(value % 2 ** 32))
  }

  setWideOperand(depth: number, value: bigint): void {
    this.#view.setBigUint64(this.#address(depth), value, true)
  }

  /** Goes on behind the instruction, whose operands are done with. */
  pop(count: number): void {
    this.#moveTop(-count)
    this.next()
  }

  push(value: number): void {
    this.#moveTop(1)
    this.setOperand(1, value)
    this.next()
  }

  /** Goes on behind the instruction: a step. */
  next(): 1 {
    this.#view.setUint32(REGISTER.pc, this.pc + 1, true)
    return 1
  }

  #moveTop(slots: number): void {
    this.#view.setUint32(REGISTER.sp, this.#view.getUint32(REGISTER.sp, true) + slots, true)
  }

  #address(depth: number): number {
    return STACK + 8 * (this.#view.getUint32(REGISTER.sp, true) - depth)
  }
}

function allocate(initial: number, maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial, maximum: Math.max(initial, maximum) })
  } catch (cause) {
    throw new HostAbortError(`it could not give ${initial} pages of memory`, { cause })
  }
}

function partsOf(lowered: Lowered, layout: Layout): Part[] {
  const tables = lowered.tables.map(({ max, elements }, i) => ({
    slot: SLOTS.tables + i * SLOTS.table,
    address: layout.tables[i]!,
    count: Math.max(max, elements.length),
  }))
  const parts = [
    { slot: SLOTS.globals, address: layout.globals, count: lowered.globals.length },
    ...tables,
    { slot: SLOTS.elements, address: layout.elements, count: lowered.elements.length },
    { slot: SLOTS.tableSizes, address: layout.tableSizes, count: lowered.tables.length },
    { slot: SLOTS.dataLengths, address: layout.dataLengths, count: lowered.dataLengths.length },
    { slot: SLOTS.elementLengths, address: layout.elementLengths, count: lowered.elementLengths.length },
  ]
  return parts.filter(({ count }) => count > 0)
}

function held(contents: Contents): Contents {
  return contents.filter(({ bytes }) => bytes.length > 0)
}

/** What of the contents lies from a leaf on, as far as there is room. */
function copyInto(target: Uint8Array, contents: Contents, first: number): void {
  for (const { leaf, bytes } of contents) {
    const at = (leaf - first) * LEAF_BYTES
    if (at >= target.length || at + bytes.length <= 0) continue
    const from = Math.max(0, -at)
    target.set(bytes.subarray(from, Math.min(bytes.length, target.length - at)), at + from)
  }
}
