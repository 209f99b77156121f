/** Reads the first contents of globals, tables and memories. */
import { FUNCREF, OP } from '../wasm/opcodes.ts'
import type { ImagePart } from './lowered.ts'
import type { ProgramReader } from './programReader.ts'
import type { Sections, Size } from './sections.ts'

const PAGE = 65_536
const LEAF = 32
/** Forms of a segment: bits of an element segment's, and the one of a data segment that names its memory. */
const PASSIVE = 1
const DECLARATIVE = 3
const TABLE_OR_DECLARATIVE = 2
const EXPRESSIONS = 4
const NAMES_MEMORY = 2

/** The reference to a function as a number, once the functions have their places. */
export type Reference = (index: number) => bigint

export interface DataSegments {
  readonly image: readonly ImagePart[]
  readonly data: Uint8Array
  readonly dataLengths: BigUint64Array
  /** By segment: where it begins in `data`. */
  readonly starts: Uint32Array
}

/** @param isThere whether the reader stands at the section */
export function readData(reader: ProgramReader, isThere: boolean, memories: readonly Size[]): DataSegments {
  const count = isThere ? reader.count('data segments', 2 ** 20) : 0
  const dataLengths = new BigUint64Array(count)
  const starts = new Uint32Array(count)
  const image: ImagePart[] = []
  const passive: { start: number; bytes: Uint8Array }[] = []
  let end = 0
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const form = reader.u32()
    const memory = form === NAMES_MEMORY ? reader.u32() : 0
    const address = form === PASSIVE ? 0 : addressOf(reader)
    const length = reader.u32()
    reader.skip(length)
    const bytes = reader.bytes.subarray(reader.pos - length, reader.pos)
    if (form === PASSIVE) {
      starts[i] = end
      dataLengths[i] = BigInt(length)
      passive.push({ start: end, bytes })
      end += Math.ceil(length / LEAF) * LEAF
    } else {
      const size = (memories[memory]?.min ?? 0) * PAGE
      if (address + length > size)
        reader.refuse(`data segment ${i} does not fit: ${length} at ${address}`, offset)
      image.push({ memory: memory as 0 | 1, address, bytes })
    }
  }
  const data = new Uint8Array(end)
  for (const { start, bytes } of passive) data.set(bytes, start)
  return { image, data, dataLengths, starts }
}

export interface ElementSegments {
  readonly elementLengths: BigUint64Array
  /** By segment: where it begins among the contents. */
  readonly starts: Uint32Array
  /** Contents of the passive ones, function indices plus 1, or 0 for null. */
  readonly passive: Uint32Array
  readonly active: readonly { table: number; address: number; functions: Uint32Array }[]
}

export function readElements(
  reader: ProgramReader,
  isThere: boolean,
  tables: readonly Size[],
): ElementSegments {
  const count = isThere ? reader.count('element segments', 2 ** 20) : 0
  const elementLengths = new BigUint64Array(count)
  const starts = new Uint32Array(count)
  const active: { table: number; address: number; functions: Uint32Array }[] = []
  const passive: { start: number; functions: Uint32Array }[] = []
  let end = 0
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const form = reader.u32()
    const isActive = !(form & PASSIVE)
    const table = isActive && form & TABLE_OR_DECLARATIVE ? reader.u32() : 0
    const address = isActive ? addressOf(reader) : 0
    // The kind or the type of the elements.
    if (form & DECLARATIVE) reader.u8()
    const functions = readFunctions(reader, (form & EXPRESSIONS) !== 0)
    if (isActive) {
      const size = tables[table]
      if (!size) reader.refuse(`there is no table ${table}`, offset)
      if (address + functions.length > size.min) {
        reader.refuse(`element segment ${i} does not fit: ${functions.length} at ${address}`, offset)
      }
      active.push({ table, address, functions })
    } else if (!(form & TABLE_OR_DECLARATIVE)) {
      starts[i] = end
      elementLengths[i] = BigInt(functions.length)
      passive.push({ start: end, functions })
      end += functions.length
    }
  }
  const contents = new Uint32Array(end)
  for (const { start, functions } of passive) contents.set(functions, start)
  return { elementLengths, starts, passive: contents, active }
}

/** Function indices plus 1, or 0 for null. */
function readFunctions(reader: ProgramReader, asExpressions: boolean): Uint32Array {
  const count = reader.count('elements', 2 ** 24)
  const functions = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    if (!asExpressions) {
      functions[i] = reader.u32() + 1
      continue
    }
    const op = reader.u8()
    if (op === OP.refFunc) functions[i] = reader.u32() + 1
    else if (op !== OP.refNull || reader.u8() !== FUNCREF) notConstant(reader)
    if (reader.u8() !== OP.end) notConstant(reader)
  }
  return functions
}

export function readGlobals(reader: ProgramReader, sections: Sections, reference: Reference): BigUint64Array {
  const { globalCount, registers } = sections
  const globals = new BigUint64Array(globalCount)
  reader.count('globals', globalCount)
  for (let i = 0; i < globalCount; i++) {
    reader.skip(2)
    const value = constant(reader, reference)
    if (!registers.includes(i)) globals[i] = value
  }
  return globals
}

/** Where an active segment goes. */
function addressOf(reader: ProgramReader): number {
  if (reader.u8() !== OP.i32Const) notConstant(reader)
  const address = reader.s32() >>> 0
  if (reader.u8() !== OP.end) notConstant(reader)
  return address
}

/** The value of a constant expression, as a slot. */
function constant(reader: ProgramReader, reference: Reference): bigint {
  const value = constantSlot(reader, reference)
  if (reader.u8() !== OP.end) notConstant(reader)
  return value
}

function constantSlot(reader: ProgramReader, reference: Reference): bigint {
  switch (reader.u8()) {
    case OP.i32Const:
      return BigInt(reader.s32() >>> 0)
    case OP.i64Const:
      reader.s64()
      return slotOf(reader.low, reader.high)
    case OP.f32Const:
      return BigInt(reader.word() >>> 0)
    case OP.f64Const: {
      const low = reader.word()
      return slotOf(low, reader.word())
    }
    case OP.refNull:
      reader.u8()
      return 0n
    case OP.refFunc:
      return reference(reader.u32())
    default:
      return notConstant(reader)
  }
}

function slotOf(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

function notConstant(reader: ProgramReader): never {
  reader.refuse('an initial value is not one constant', reader.pos - 1)
}
