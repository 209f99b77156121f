/**
 * How the library reaches the program's memory: functions in Wasm between memory 0, which is the program's, and
 * memory 1, which is the library's. They trap out of bounds; the library checks before it calls.
 */
import { chargeBytes, makeFunction } from '../pass/helpers.ts'
import type { Layout } from '../pass/layout.ts'
import { I32, I64, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'

const PROGRAM = 0
const LIBRARY = 1
const I32_STORE = 0x36
const I64_STORE = 0x37
/** Alignment and offset. */
const ANYWHERE = [0, 0]

interface Adapter {
  readonly params: number[]
  readonly results: number[]
  write(code: Writer, layout: Layout): void
}

/** `(to, from, length)`, charged for by the byte. */
const copy = (to: number, from: number): Adapter => ({
  params: [I32, I32, I32],
  results: [],
  write(code, layout) {
    code.put(OP.localGet, 0, OP.localGet, 1, OP.localGet, 2, OP.call)
    code.u32(chargeBytes(layout))
    code.put(0xfc, OP.memoryCopy & 0xff, to, from)
  },
})

const store = (type: number, op: number): Adapter => ({
  params: [I32, type],
  results: [],
  write: (code) => code.put(OP.localGet, 0, OP.localGet, 1, op, ...ANYWHERE),
})

const ALL: Readonly<Record<string, Adapter>> = {
  pages: { params: [], results: [I32], write: (code) => code.put(OP.memorySize, PROGRAM) },
  load32: {
    params: [I32],
    results: [I32],
    write: (code) => code.put(OP.localGet, 0, OP.i32Load, ...ANYWHERE),
  },
  store32: store(I32, I32_STORE),
  store64: store(I64, I64_STORE),
  copy_in: copy(LIBRARY, PROGRAM),
  copy_out: copy(PROGRAM, LIBRARY),
}

/** By the name under which the library imports it: gives its index in the program. */
export const ADAPTERS: Readonly<Record<string, (layout: Layout) => number>> = Object.fromEntries(
  Object.entries(ALL).map(([name, { params, results, write }]) => [
    name,
    (layout: Layout) =>
      layout.functionIndex(`program.${name}`, () =>
        makeFunction(layout, params, results, [], (code) => write(code, layout)),
      ),
  ]),
)
