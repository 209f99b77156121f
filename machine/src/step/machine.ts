/** What a step acts on: registers at hand, regions by the leaf. */
import type { Decoded } from '../isa/encoding.ts'
import type { Instruction } from '../isa/instructions.ts'
import type { AllRegisters } from '../state/registers.ts'
import type { Region } from './region.ts'

/** The input, as its commitment has it. */
export interface Input {
  readonly length: bigint
  leaf(index: number): Uint8Array
}

/** Gives a step the parts of a state, in the order in which it asks for them. */
export interface Opener {
  readonly registers: AllRegisters
  readonly code: Region
  readonly stack: Region
  readonly slots: Region
  readonly memory: Region
  readonly output: Region
  /** Called once, after the instruction is known and before anything else is opened. */
  openWorld(seen: boolean): void
  openInput(): Input
}

/** What an instruction does. It traps before it changes anything. */
export type Handler = (machine: Machine, immediates: Decoded) => void

/** Thrown by an instruction that traps. */
export const TRAP = Symbol('trap')

export function trapIf(condition: boolean): void {
  if (condition) throw TRAP
}

/** Slots of the stack's region. */
export const MOST_SLOTS = 2 ** 21

const U32 = 0xffff_ffffn

export const u32 = (slot: bigint): number => Number(slot & U32)

/** A state with the words that the specification uses of it. */
export class Machine {
  readonly registers: AllRegisters
  readonly opener: Opener
  readonly instruction: Instruction

  constructor(opener: Opener, instruction: Instruction) {
    this.opener = opener
    this.registers = opener.registers
    this.instruction = instruction
  }

  get top(): bigint {
    return this.slot(this.registers.sp - 1)
  }
  get second(): bigint {
    return this.slot(this.registers.sp - 2)
  }
  get third(): bigint {
    return this.slot(this.registers.sp - 3)
  }
  set top(value: bigint) {
    this.setSlot(this.registers.sp - 1, value)
  }
  set second(value: bigint) {
    this.setSlot(this.registers.sp - 2, value)
  }
  set third(value: bigint) {
    this.setSlot(this.registers.sp - 3, value)
  }

  slot(index: number): bigint {
    return readSlot(this.opener.stack, index)
  }

  setSlot(index: number, value: bigint): void {
    writeSlot(this.opener.stack, index, value)
  }

  /** Goes on behind the instruction, its operands popped and its result pushed. */
  done(result?: bigint): void {
    const { pops, pushes } = this.instruction
    this.registers.sp += pushes - pops
    this.registers.pc = this.nextPc
    if (result !== undefined) this.top = result
  }

  /** The same, but goes elsewhere. */
  goTo(pc: number): void {
    this.done()
    this.registers.pc = pc
  }

  /** Code ends long before 2^32. */
  get nextPc(): number {
    return this.registers.pc + 1
  }

  /** Where the running call returns to, as a slot. */
  get link(): bigint {
    return (BigInt(this.registers.fp) << 32n) | BigInt(this.nextPc)
  }

  /** Bytes of a memory. */
  size(memory: number): number {
    return 65_536 * Math.min(this.registers.pages[memory & 1]!, 65_536)
  }
}

/** Slots of a region are four to a leaf, little-endian. */
export function readSlot(region: Region, slot: number): bigint {
  return viewOf(region, slot).getBigUint64((slot % 4) * 8, true)
}

export function writeSlot(region: Region, slot: number, value: bigint): void {
  viewOf(region, slot).setBigUint64((slot % 4) * 8, value, true)
}

function viewOf(region: Region, slot: number): DataView {
  const leaf = region.open(Math.floor(slot / 4))
  return new DataView(leaf.buffer, leaf.byteOffset, leaf.length)
}
