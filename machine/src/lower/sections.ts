/**
 * Reads what stands around the code of a canonical program. It comes from the pass, so nothing is validated here but
 * what lowering relies on: that indices lead somewhere, and that nothing stands in it that the machine has not.
 */

import { type InstructionName, OPCODE } from '../isa/opcode.gen.ts'
import { EXPORTS } from '../pass/abi.ts'
import { PRIMITIVE_MODULE, type PrimitiveName } from '../pass/linkage.ts'
import { DEPTH, SLOTS } from '../state/state.ts'
import { SECTION } from '../wasm/decodeModule.ts'
import { KIND } from '../wasm/module.ts'
import { printable } from '../wasm/printable.ts'
import type { ProgramReader } from './programReader.ts'

/** Bits that an instruction has for a number of values, and that a reference has for a type. */
const MOST_VALUES = 2 ** 24 - 2
const MOST_TYPES = 2 ** 23
const MOST_TABLES = 16
const MOST_PAGES = 65_536
const MEMORIES = 2
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

const PRIMITIVE_INSTRUCTIONS: Record<PrimitiveName, InstructionName> = {
  input_length: 'input.length',
  input_read: 'input.read',
  output_write: 'output.write',
  halt: 'halt',
}

export interface Size {
  readonly min: number
  readonly max: number
}

export interface Sections {
  /** By type. */
  readonly paramCounts: Uint32Array
  readonly resultCounts: Uint32Array
  /** By type: the first one that equals it. */
  readonly firstEqual: Uint32Array
  /** By function, imports first. */
  readonly functionTypes: Uint32Array
  /** Opcodes of the primitives, by import. */
  readonly primitives: Uint8Array
  readonly tables: readonly Size[]
  readonly memories: readonly Size[]
  readonly globalCount: number
  /** Indices: of the function that is called, and of globals that are registers of the machine. */
  readonly run: number
  readonly registers: readonly [fuel: number, stop: number, depth: number]
  /** Puts the reader at the start of a section. @returns false where there is none. */
  seek(id: number): boolean
}

/** @throws {ModuleRefusedError} for bytes that are no canonical program */
export function readSections(reader: ProgramReader): Sections {
  const spans = findSections(reader)
  const seek = (id: number): boolean => {
    const span = spans.get(id)
    if (!span) return false
    reader.section = SECTION_NAMES[id]!
    reader.pos = span.start
    reader.end = span.end
    return true
  }
  const types = readTypes(reader, seek(SECTION.type))
  const functionTypes: number[] = []
  const primitives = readImports(reader, seek(SECTION.import), functionTypes)
  readFunctions(reader, seek(SECTION.function), functionTypes)
  const typeCount = types.paramCounts.length
  if (functionTypes.some((type) => type >= typeCount))
    reader.refuse('a function has a type that is not there')
  const tables = readSizes(reader, seek(SECTION.table), 'tables', MOST_TABLES, SLOTS.table)
  const memories = readSizes(reader, seek(SECTION.memory), 'memories', MEMORIES, MOST_PAGES)
  const globalCount = seek(SECTION.global) ? reader.count('globals', SLOTS.tables) : 0
  const exports = readExports(reader, seek(SECTION.export))
  const exported = (name: string, kind: number, count: number): number => {
    const found = exports.get(name)
    if (found === undefined) reader.refuse(`it does not export ${name}`)
    if (found.kind !== kind || found.index >= count) reader.refuse(`its export ${name} is something else`)
    return found.index
  }
  const run = exported(EXPORTS.run, KIND.function, functionTypes.length)
  const runType = functionTypes[run]!
  if (run < primitives.length || types.paramCounts[runType] !== 0 || types.resultCounts[runType] !== 1) {
    reader.refuse(`its export ${EXPORTS.run} is not a function that takes nothing and gives one value`)
  }
  return {
    ...types,
    functionTypes: Uint32Array.from(functionTypes),
    primitives,
    tables,
    memories,
    globalCount,
    run,
    registers: [
      exported(EXPORTS.fuel, KIND.global, globalCount),
      exported(EXPORTS.state, KIND.global, globalCount),
      exported(EXPORTS.stack, KIND.global, globalCount),
    ],
    seek,
  }
}

const SECTION_NAMES = Object.keys(SECTION)

interface Span {
  readonly start: number
  readonly end: number
}

function findSections(reader: ProgramReader): Map<number, Span> {
  const { bytes } = reader
  if (HEADER.some((byte, i) => bytes[i] !== byte)) reader.refuse('it does not begin as a Wasm module does', 0)
  const spans = new Map<number, Span>()
  reader.pos = HEADER.length
  while (reader.pos < bytes.length) {
    const offset = reader.pos
    const id = reader.u8()
    const size = reader.u32()
    const start = reader.pos
    reader.skip(size)
    if (id === SECTION.custom) continue
    if (SECTION_NAMES[id] === undefined) reader.refuse(`unknown section ${id}`, offset)
    if (id === SECTION.start)
      reader.refuse('it has a start function, which a canonical program calls itself', offset)
    if (spans.has(id)) reader.refuse(`the section ${SECTION_NAMES[id]} is there twice`, offset)
    spans.set(id, { start, end: reader.pos })
  }
  return spans
}

type Types = Pick<Sections, 'paramCounts' | 'resultCounts' | 'firstEqual'>

function readTypes(reader: ProgramReader, isThere: boolean): Types {
  const count = isThere ? reader.count('types', MOST_TYPES) : 0
  const paramCounts = new Uint32Array(count)
  const resultCounts = new Uint32Array(count)
  const firstEqual = new Uint32Array(count)
  const known = new Map<string, number>()
  const characters = new TextDecoder('latin1')
  const values = (what: string) => {
    const length = reader.count(what, MOST_VALUES)
    reader.skip(length)
    return reader.bytes.subarray(reader.pos - length, reader.pos)
  }
  for (let i = 0; i < count; i++) {
    if (reader.u8() !== 0x60) reader.refuse('a type is no function type', reader.pos - 1)
    const params = values('parameters')
    const results = values('results')
    paramCounts[i] = params.length
    resultCounts[i] = results.length
    const key = `${characters.decode(params)}>${characters.decode(results)}`
    if (!known.has(key)) known.set(key, i)
    firstEqual[i] = known.get(key)!
  }
  return { paramCounts, resultCounts, firstEqual }
}

/** A primitive's instruction takes and gives what its import does: the pass declares it, nobody else. */
function readImports(reader: ProgramReader, isThere: boolean, functionTypes: number[]): Uint8Array {
  const count = isThere ? reader.count('imports', 2 ** 24) : 0
  const opcodes = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    const from = reader.name()
    const name = reader.name()
    const instruction =
      from === PRIMITIVE_MODULE && Object.hasOwn(PRIMITIVE_INSTRUCTIONS, name)
        ? PRIMITIVE_INSTRUCTIONS[name as PrimitiveName]
        : null
    if (instruction === null || reader.u8() !== KIND.function) {
      reader.refuse(
        `it imports ${printable(`${from}.${name}`)}, which is no primitive of the machine`,
        offset,
      )
    }
    opcodes[i] = OPCODE[instruction]
    functionTypes.push(reader.u32())
  }
  return opcodes
}

function readFunctions(reader: ProgramReader, isThere: boolean, functionTypes: number[]): void {
  const count = isThere ? reader.count('functions', 2 ** (DEPTH.code + 2)) : 0
  for (let i = 0; i < count; i++) functionTypes.push(reader.u32())
}

function readSizes(
  reader: ProgramReader,
  isThere: boolean,
  what: 'tables' | 'memories',
  limit: number,
  most: number,
): Size[] {
  const count = isThere ? reader.count(what, limit) : 0
  const sizes: Size[] = []
  for (let i = 0; i < count; i++) {
    const offset = reader.pos
    if (what === 'tables') reader.u8()
    if (reader.u8() !== 1)
      reader.refuse(`${what} of a canonical program have a maximum, and this one has none`, offset)
    const [min, max] = [reader.u32(), reader.u32()]
    if (min > max || max > most) reader.refuse(`sizes from ${min} to ${max} are beyond ${most}`, offset)
    sizes.push({ min, max })
  }
  return sizes
}

function readExports(reader: ProgramReader, isThere: boolean): Map<string, { kind: number; index: number }> {
  const count = isThere ? reader.count('exports', 2 ** 24) : 0
  const exports = new Map<string, { kind: number; index: number }>()
  for (let i = 0; i < count; i++) exports.set(reader.name(), { kind: reader.u8(), index: reader.u32() })
  return exports
}
