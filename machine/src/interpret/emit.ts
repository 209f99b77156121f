/**
 * The interpreter's module: two functions that run decoded code, one with handlers for single instructions that counts
 * each step, one that has handlers for frequent sequences as well and looks at the steps left only when it jumps.
 */
import { I32 } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'
import { Code, I32_LOAD16_U, WASM } from './code.ts'
import { writeInstruction } from './handlers.ts'
import { KINDS } from './kinds.ts'
import { CODE, PRIVATE, REGISTER } from './layout.ts'
import { LOCAL, LOCAL_DECLARATIONS, SequenceWriter } from './sequenceWriter.ts'

/** What the functions return. */
export const STOPPED = { budget: 0, anomaly: 1 } as const

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const

/** Exports of the module: `(steps left) -> why it stopped`. */
export interface Loops {
  readonly exact: (left: number) => number
  readonly fast: (left: number) => number
}

/**
 * @param sequences names of kinds; the handler of the n-th has the number `KINDS.length + n`
 */
export function emitInterpreter(sequences: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  const singles = KINDS.map((kind) => [kind])
  const bodies = [writeLoop(singles, true), writeLoop([...singles, ...sequences], false)]
  const out = new Writer(1 << 16)
  out.put(...HEADER)
  const section = (id: number, write: (content: Writer) => void) => {
    const content = new Writer()
    write(content)
    out.section(id, content)
  }
  section(SECTION.type, (content) => content.put(1, 0x60, 1, I32, 1, I32))
  section(SECTION.import, (content) => {
    content.u8(3)
    for (const name of ['machine', 'module', 'library']) {
      content.name('memory')
      content.name(name)
      // A memory of any size.
      content.put(2, 0, 0)
    }
  })
  section(SECTION.function, (content) => content.put(2, 0, 0))
  section(SECTION.export, (content) => {
    content.u8(2)
    for (const [i, name] of ['exact', 'fast'].entries()) {
      content.name(name)
      content.put(0, i)
    }
  })
  section(SECTION.code, (content) => {
    content.u8(bodies.length)
    for (const body of bodies) {
      content.u32(body.length)
      content.append(body)
    }
  })
  return out.finish() as Uint8Array<ArrayBuffer>
}

function writeLoop(handlers: readonly (readonly string[])[], counted: boolean): Writer {
  const code = new Code()
  code.out.u32(LOCAL_DECLARATIONS.length)
  for (const [count, type] of LOCAL_DECLARATIONS) {
    code.out.u32(count)
    code.out.u8(type)
  }
  writeEntry(code)
  code.block()
  code.block()
  code.loop()
  if (counted) {
    code.get(LOCAL.pc)
    code.get(LOCAL.end)
    code.op(WASM.i32Eq)
    code.brIf(1)
  }
  for (const _ of handlers) code.block()
  code.get(LOCAL.pc)
  code.access(I32_LOAD16_U, CODE)
  if (counted) {
    code.i32(1)
    code.op(WASM.i32Shl)
    code.access(I32_LOAD16_U, PRIVATE.kinds)
  }
  code.out.u8(WASM.brTable)
  code.out.u32(handlers.length)
  for (const handler of handlers.keys()) code.out.u32(handler)
  code.out.u32(0)
  for (const [i, sequence] of handlers.entries()) {
    code.end()
    const loop = handlers.length - 1 - i
    const labels = { next: loop, budget: loop + 1, anomaly: loop + 2 }
    writeHandler(new SequenceWriter(code, sequence.length, counted, labels), sequence)
  }
  code.end()
  code.op(0x00)
  code.end()
  writeExit(code)
  code.i32(STOPPED.budget)
  code.op(0x0f)
  code.end()
  writeExit(code)
  code.i32(STOPPED.anomaly)
  code.end()
  return code.out
}

function writeHandler(to: SequenceWriter, sequence: readonly string[]): void {
  for (const [i, kind] of sequence.entries()) {
    to.begin(i)
    if (writeInstruction(to, kind)) {
      if (i !== sequence.length - 1) throw new Error(`Nothing can follow ${kind} in a sequence.`)
      return
    }
  }
  to.finish()
}

/** Registers into locals. */
function writeEntry(code: Code): void {
  for (const name of ['pc', 'sp', 'fp'] as const) {
    code.i32(0)
    code.load(I32, REGISTER[name])
    code.i32(3)
    code.op(WASM.i32Shl)
    code.set(LOCAL[name])
  }
  code.get(LOCAL.pc)
  code.get(LOCAL.left)
  code.i32(3)
  code.op(WASM.i32Shl, WASM.i32Add)
  code.set(LOCAL.end)
  for (const memory of [0, 1] as const) {
    code.i32(0)
    code.load(I32, REGISTER.pages[memory])
    code.op(WASM.i64ExtendU)
    code.i64(16)
    code.op(WASM.i64Shl)
    code.set(LOCAL.size[memory])
  }
}

/** Locals into registers. */
function writeExit(code: Code): void {
  for (const name of ['pc', 'sp', 'fp'] as const) {
    code.i32(0)
    code.get(LOCAL[name])
    code.i32(3)
    code.op(WASM.i32ShrU)
    code.store(I32, REGISTER[name])
  }
  code.i32(0)
  code.get(LOCAL.end)
  code.get(LOCAL.pc)
  code.op(WASM.i32Sub)
  code.i32(3)
  // The steps left may be less than none.
  code.op(0x75)
  code.store(I32, PRIVATE.left)
}
