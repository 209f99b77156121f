/**
 * Lowers a canonical program to flat code, as `docs/MACHINE.md` says: a pure function of the program's bytes, with or
 * without the section that carries its module.
 */
import { OPCODE } from '../isa/opcode.gen.ts'
import { SECTION } from '../wasm/decodeModule.ts'
import { BodyLowering } from './bodyLowering.ts'
import { CodeWriter } from './codeWriter.ts'
import type { Lowered, LoweredTable } from './lowered.ts'
import { ProgramReader } from './programReader.ts'
import { readSections, type Sections } from './sections.ts'
import { type ElementSegments, readData, readElements, readGlobals } from './segments.ts'

export interface LowerOptions {
  /** Whether to say where each instruction came from. */
  readonly map?: boolean
}

/**
 * @param canonical a program as `buildProgram` makes it
 * @throws {ModuleRefusedError} for anything else, as far as it is seen: no code is validated again
 */
export function lower(canonical: Uint8Array, { map: wantsMap = false }: LowerOptions = {}): Lowered {
  const reader = new ProgramReader(canonical)
  const sections = readSections(reader)
  const { tables, memories, seek } = sections
  const data = readData(reader, seek(SECTION.data), memories)
  const elements = readElements(reader, seek(SECTION.element), tables)

  const starts = { data: data.starts, elements: elements.starts }
  const { code, map, bodies } = lowerCode(reader, sections, starts, wantsMap)

  const reference = (index: number): bigint =>
    (BigInt(bodies.referenceType(index)) << 32n) | BigInt(bodies.functions[index]!)
  seek(SECTION.element)
  const slots = slotsOf(elements.passive, reference, 0n)
  const filled = fillTables(sections, elements, reference)
  seek(SECTION.global)
  const globals = readGlobals(reader, sections, reference)

  return {
    code,
    pages: [memories[0]?.min ?? 0, memories[1]?.min ?? 0],
    maxPages: [memories[0]?.max ?? 0, memories[1]?.max ?? 0],
    globals,
    tables: filled,
    elements: slots,
    elementLengths: elements.elementLengths,
    data: data.data,
    dataLengths: data.dataLengths,
    image: data.image,
    functions: bodies.functions,
    ...(map ? { map } : {}),
  }
}

function lowerCode(
  reader: ProgramReader,
  sections: Sections,
  starts: { data: Uint32Array; elements: Uint32Array },
  wantsMap: boolean,
) {
  const isThere = sections.seek(SECTION.code)
  // CPython's instructions take 2.4 bytes on average.
  const capacity = isThere ? Math.ceil((reader.end - reader.pos) * 0.5) + 16 : 16
  const writer = new CodeWriter(reader, capacity, wantsMap)
  const bodies = new BodyLowering(reader, sections, starts, writer)
  writer.emit(OPCODE.unreachable, 0)
  bodies.call(sections.run)
  writer.emit(OPCODE.halt, 0)
  const first = sections.primitives.length
  const own = sections.functionTypes.length - first
  const count = isThere ? reader.count('function bodies', own) : 0
  if (count !== own) reader.refuse(`${own} functions are declared and ${count} bodies are there`)
  for (let i = 0; i < count; i++) bodies.lower(first + i)
  return { ...writer.finish(), bodies }
}

/** References of functions given as their indices plus 1, each plus `more`; null, given as 0, is `more`. */
function slotsOf(functions: Uint32Array, reference: (index: number) => bigint, more: bigint): BigUint64Array {
  const slots = new BigUint64Array(functions.length)
  for (const [i, index] of functions.entries()) slots[i] = (index === 0 ? 0n : reference(index - 1)) + more
  return slots
}

function fillTables(
  { tables }: Sections,
  { active }: ElementSegments,
  reference: (index: number) => bigint,
): LoweredTable[] {
  const filled = tables.map(({ min, max }) => ({ max, elements: new BigUint64Array(min).fill(1n) }))
  for (const { table, address, functions } of active) {
    filled[table]!.elements.set(slotsOf(functions, reference, 1n), address)
  }
  return filled
}
