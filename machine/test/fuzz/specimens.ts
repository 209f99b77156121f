/** Real modules to break: the examples whole, and pieces of CPython. */
import { readFile } from 'node:fs/promises'
import { BUILDS } from '../../../examples/build.ts'
import { EXAMPLES } from '../../../examples/catalog.ts'
import { decodeModule, SECTION } from '../../src/wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../../src/wasm/limits.ts'
import type { Module, Span } from '../../src/wasm/module.ts'
import { OP } from '../../src/wasm/opcodes.ts'
import { Reader } from '../../src/wasm/reader.ts'
import { Writer } from '../../src/wasm/writer.ts'

export interface RealModule {
  readonly name: string
  readonly bytes: Uint8Array
  /** Where a change is likely to matter. */
  readonly spans: readonly Span[]
}

/** Functions of CPython in one piece, and pieces. */
const FUNCTIONS = 25
const PIECES = 12

export async function realModules(): Promise<RealModule[]> {
  const examples = Object.keys(BUILDS).map(async (path): Promise<RealModule> => {
    const bytes = new Uint8Array(await readFile(new URL(`../../../examples/${path}`, import.meta.url)))
    return { name: path, bytes, spans: [{ start: 8, end: bytes.length }] }
  })
  const python = EXAMPLES.find(({ name }) => name === 'python')!
  return [
    ...(await Promise.all(examples)),
    ...piecesOf('CPython', new Uint8Array(await readFile(python.module))),
  ]
}

/**
 * Modules of all sections but the data, with a few functions each: the other bodies are `unreachable`, so that what
 * refers to them stays valid.
 */
function piecesOf(name: string, bytes: Uint8Array): RealModule[] {
  const module = decodeModule(bytes, DEFAULT_LIMITS)
  const count = module.bodies.length / 2
  return Array.from({ length: PIECES }, (_, i) => {
    const first = Math.floor((i * (count - FUNCTIONS)) / PIECES)
    return piece(`${name}, functions from ${first}`, module, first)
  })
}

const STUB = [3, 0, OP.unreachable, OP.end]

function piece(name: string, module: Module, first: number): RealModule {
  const { bytes } = module
  const out = new Writer()
  const spans: Span[] = []
  out.copy(bytes, 0, 8)
  const reader = new Reader(bytes, 8)
  while (reader.pos < bytes.length) {
    const id = reader.u8()
    const [start, end] = [reader.pos, reader.u32() + reader.pos]
    reader.pos = end
    if (id === SECTION.custom || id === SECTION.data || id === SECTION.dataCount) continue
    out.u8(id)
    if (id !== SECTION.code) {
      spans.push({ start: out.length, end: out.length + end - start })
      out.copy(bytes, start, end)
      continue
    }
    const content = new Writer()
    content.u32(module.bodies.length / 2)
    writeBodies(content, module, first)
    out.u32(content.length)
    out.append(content)
    // The stubs before and behind the functions are all alike.
    const stubs = (from: number, to: number) => (to - from) * STUB.length
    const behind = stubs(first + FUNCTIONS, module.bodies.length / 2)
    spans.push({ start: out.length - content.length + stubs(0, first), end: out.length - behind })
  }
  return { name, bytes: out.finish(), spans }
}

function writeBodies(out: Writer, module: Module, first: number): void {
  for (let i = 0; i < module.bodies.length / 2; i++) {
    if (i < first || i >= first + FUNCTIONS) {
      out.put(...STUB)
      continue
    }
    const [start, end] = [module.bodies[2 * i]!, module.bodies[2 * i + 1]!]
    out.u32(end - start)
    out.copy(module.bytes, start, end)
  }
}
