/**
 * Where the interpreter keeps a state. Its own memory holds, in this order: registers, the stack, the code in a form
 * of its own, and the slots region without its gaps. The program's two memories are `WebAssembly.Memory` objects of
 * their own; input, output and passive data segments stay outside. Compiled code that works on the same memories can
 * stop anywhere and leave the rest to the interpreter.
 */
import type { Lowered } from '../lower/lowered.ts'

/** Byte addresses of the registers: `fuel`, `stop` and `depth` take 64 bits each, little-endian, the others 32. */
export const REGISTER = {
  pc: 0,
  sp: 4,
  fp: 8,
  aux: 12,
  /** Of the registers that the program sees, address is `seen + 8 · number`. */
  seen: 16,
  fuel: 16,
  stop: 24,
  depth: 32,
  status: 40,
  pages: [48, 52],
} as const

/** Byte addresses of what the interpreter keeps for itself. */
export const PRIVATE = {
  /** Steps that were left when a loop stopped. */
  left: 64,
  /** By table, 8 bytes each: address of its elements, address of its size. */
  tables: 128,
  /** By handler, 16 bits each: the kind of the first instruction that it does. */
  kinds: 1024,
} as const

/** Byte address of slot 0 of the stack. Above slot sp may lie anything: only live slots are the state's. */
export const STACK = 0x10000
export const STACK_SLOTS = 2 ** 21

/** Writing a few slots at once may go beyond the last one. */
const STACK_MARGIN = 0x10000

/** Byte address of what stands for instruction 0; 8 bytes each. */
export const CODE = STACK + STACK_SLOTS * 8 + STACK_MARGIN

const PAGE = 0x10000

/** Byte addresses of the slots region's parts, each as little-endian 64-bit slots. */
export interface Layout {
  readonly globals: number
  /** By table: element 0. Room is there for as many as the table may ever have. */
  readonly tables: readonly number[]
  readonly tableSizes: number
  readonly elements: number
  readonly elementLengths: number
  readonly dataLengths: number
  /** Constants of more than 32 bits. */
  readonly constants: number
  /** Pages of the memory. */
  readonly pages: number
}

/** @param constants how many slots the code's wide constants take */
export function layOut(lowered: Lowered, constants: number): Layout {
  let end = CODE + lowered.code.length
  const reserve = (slots: number) => {
    const start = end
    end += slots * 8
    return start
  }
  const layout = {
    globals: reserve(lowered.globals.length),
    tables: lowered.tables.map(({ max, elements }) => reserve(Math.max(max, elements.length))),
    tableSizes: reserve(lowered.tables.length),
    elements: reserve(lowered.elements.length),
    elementLengths: reserve(lowered.elementLengths.length),
    dataLengths: reserve(lowered.dataLengths.length),
    constants: reserve(constants),
  }
  return { ...layout, pages: Math.ceil((end + PAGE) / PAGE) }
}
