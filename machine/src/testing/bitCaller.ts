import { type FunctionType, KIND } from '../wasm/module.ts'
import { F32, F64, I32, I64, OP } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'

const AS_BITS: Record<number, number> = { [F32]: I32, [F64]: I64 }
const FROM_BITS: Record<number, number> = { [F32]: OP.f32ReinterpretI32, [F64]: OP.f64ReinterpretI64 }
const TO_BITS: Record<number, number> = { [F32]: OP.i32ReinterpretF32, [F64]: OP.i64ReinterpretF64 }

/**
 * Calls an exported function with floats passed as their bit patterns. JavaScript's numbers may lose the bits
 * of a NaN on the way, a call from one Wasm function to another does not.
 */
export function bitCaller(target: CallableFunction, type: FunctionType): (...bits: unknown[]) => unknown {
  const bits = (types: Uint8Array) => types.map((value) => AS_BITS[value] ?? value)
  const out = new Writer()
  out.put(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)
  section(out, 1, (content) => {
    content.u32(2)
    writeType(content, type.params, type.results)
    writeType(content, bits(type.params), bits(type.results))
  })
  section(out, 2, (content) => {
    content.u32(1)
    content.name('m')
    content.name('f')
    content.put(KIND.function, 0)
  })
  section(out, 3, (content) => content.put(1, 1))
  section(out, 7, (content) => {
    content.u32(1)
    content.name('call')
    content.put(KIND.function, 1)
  })
  section(out, 10, (content) => {
    const body = callBody(type)
    content.u32(1)
    content.u32(body.length)
    content.append(body)
  })
  const module = new WebAssembly.Module(out.finish() as Uint8Array<ArrayBuffer>)
  const instance = new WebAssembly.Instance(module, { m: { f: target as () => void } })
  return instance.exports.call as (...bits: unknown[]) => unknown
}

/** Parameters from bits, the call, results into locals, and out again as bits. */
function callBody({ params, results }: FunctionType): Writer {
  const body = new Writer()
  body.u32(results.length)
  for (const type of results) body.put(1, type)
  for (const [i, type] of params.entries()) {
    body.u8(OP.localGet)
    body.u32(i)
    if (FROM_BITS[type]) body.u8(FROM_BITS[type])
  }
  body.put(OP.call, 0)
  for (let i = results.length - 1; i >= 0; i--) {
    body.u8(OP.localSet)
    body.u32(params.length + i)
  }
  for (const [i, type] of results.entries()) {
    body.u8(OP.localGet)
    body.u32(params.length + i)
    if (TO_BITS[type]) body.u8(TO_BITS[type])
  }
  body.u8(OP.end)
  return body
}

function writeType(out: Writer, params: Uint8Array, results: Uint8Array): void {
  out.u8(0x60)
  out.u32(params.length)
  out.put(...params)
  out.u32(results.length)
  out.put(...results)
}

function section(out: Writer, id: number, write: (content: Writer) => void): void {
  const content = new Writer()
  write(content)
  out.section(id, content)
}
