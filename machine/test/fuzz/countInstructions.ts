/** The naive way to count what a module executes: a counter of its own goes up before every instruction. */

import { BodyValidator } from '../../src/wasm/bodyValidator.ts'
import { decodeModule, SECTION } from '../../src/wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../../src/wasm/limits.ts'
import { KIND } from '../../src/wasm/module.ts'
import { I64, OP } from '../../src/wasm/opcodes.ts'
import { Reader } from '../../src/wasm/reader.ts'
import { Writer } from '../../src/wasm/writer.ts'

/** The counter's export: a mutable i64. */
export const EXECUTED_EXPORT = 'executed'

/** No engine executes anything for them. */
const MARKS: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.else, OP.end])

/** A module that has globals and exports, with the counter. */
export function countInstructions(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes, DEFAULT_LIMITS)
  const counter = module.globals.length
  const out = new Writer(bytes.length * 4)
  const reader = new Reader(bytes, 8)
  const written = new Set<number>()
  out.copy(bytes, 0, 8)
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const id = reader.u8()
    const end = reader.u32() + reader.pos
    const content = new Writer()
    const more = () => {
      content.u32(reader.u32() + 1)
      content.copy(bytes, reader.pos, end)
    }
    if (id === SECTION.global) {
      more()
      content.put(I64, 1, OP.i64Const, 0, OP.end)
    } else if (id === SECTION.export) {
      more()
      content.name(EXECUTED_EXPORT)
      content.u8(KIND.global)
      content.u32(counter)
    } else if (id === SECTION.code) {
      const body = new BodyValidator(module, DEFAULT_LIMITS)
      content.u32(module.bodies.length / 2)
      for (let i = 0; i < module.bodies.length / 2; i++) writeBody(content, body, i, counter)
    }
    if (content.length > 0) out.section(id, content)
    else out.copy(bytes, start, end)
    written.add(id)
    reader.pos = end
  }
  if (!written.has(SECTION.global) || !written.has(SECTION.export))
    throw new Error('no globals or no exports')
  return out.finish() as Uint8Array<ArrayBuffer>
}

function writeBody(out: Writer, body: BodyValidator, index: number, counter: number): void {
  const { bytes, bodies } = body.module
  const code = new Writer()
  body.begin(index)
  code.copy(bytes, bodies[2 * index]!, body.reader.pos)
  while (!body.done) {
    const start = body.reader.pos
    body.next()
    body.check()
    if (!MARKS.has(body.op)) {
      code.u8(OP.globalGet)
      code.u32(counter)
      code.put(OP.i64Const, 1, OP.i64Add, OP.globalSet)
      code.u32(counter)
    }
    code.copy(bytes, start, body.reader.pos)
  }
  out.u32(code.length)
  out.append(code)
}
