import { SECTION } from '../wasm/decodeModule.ts'
import { KIND, type Module } from '../wasm/module.ts'
import { OP } from '../wasm/opcodes.ts'
import { Reader } from '../wasm/reader.ts'
import { Writer } from '../wasm/writer.ts'

/** A body without locals that does nothing. */
const EMPTY = Uint8Array.of(0, OP.end)

/**
 * The module with functions of its own in place of those that it imports, where these are so simple that they are the same
 * in any module: they do nothing, give a constant or a parameter. A program imports nothing but primitives.
 *
 * @param others what imports lead to, by name
 * @returns null where it imports anything else
 */
export function withoutImports(bytes: Uint8Array, others: ReadonlyMap<string, Module>): Uint8Array | null {
  const out = new Writer(bytes.length + 64)
  const reader = new Reader(bytes, 8)
  out.copy(bytes, 0, 8)
  const types: number[] = []
  const bodies: Uint8Array[] = []
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const id = reader.u8()
    const end = reader.u32() + reader.pos
    if (id === SECTION.import) {
      for (let left = reader.u32(); left > 0; left--) {
        const [from, name] = [reader.name(), reader.name()]
        if (reader.u8() !== KIND.function) return null
        types.push(reader.u32())
        const body = from === 'spectest' ? EMPTY : bodyOf(others.get(from), name)
        if (!body) return null
        bodies.push(body)
      }
    } else if (id === SECTION.function || id === SECTION.code) {
      const content = new Writer()
      content.u32(reader.u32() + types.length)
      for (const [i, body] of bodies.entries()) {
        content.u32(id === SECTION.function ? types[i]! : body.length)
        if (id === SECTION.code) content.copy(body, 0, body.length)
      }
      content.copy(bytes, reader.pos, end)
      out.section(id, content)
      if (id === SECTION.code) bodies.length = 0
    } else {
      out.copy(bytes, start, end)
    }
    reader.pos = end
  }
  // Without functions of its own there are no sections to put them into.
  return bodies.length === 0 ? out.finish() : null
}

function bodyOf(module: Module | undefined, name: string): Uint8Array | null {
  const entry = module?.exports.find((each) => each.name === name && each.kind === KIND.function)
  if (!module || !entry || entry.index < module.importedFunctions) return null
  const at = 2 * (entry.index - module.importedFunctions)
  const body = module.bytes.slice(module.bodies[at], module.bodies[at + 1])
  const reader = new Reader(body, 0)
  if (reader.u32() !== 0) return null
  const opcode = reader.u8()
  if (opcode !== OP.i32Const && opcode !== OP.localGet) return null
  reader.u32()
  return reader.u8() === OP.end && reader.pos === body.length ? body : null
}
