import { describe, it } from 'vitest'
import { buildProgram } from '../program.ts'
import { wat } from '../testing/wat.ts'
import { SECTION } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import { Writer } from '../wasm/writer.ts'
import { compile } from './compile.ts'

const times = (count: number, code: string) => Array.from({ length: count }, () => code).join(' ')

/** A module whose `_start` does nothing, with so many segments that hold nothing. */
function withSegments(id: number, count: number): Uint8Array {
  const out = new Writer()
  const section = (id: number, ...content: number[]) => {
    const writer = new Writer()
    writer.put(...content)
    out.section(id, writer)
  }
  out.put(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  section(SECTION.type, 1, 0x60, 0, 0)
  section(SECTION.function, 1, 0)
  section(SECTION.export, 1, 6, ...new TextEncoder().encode('_start'), 0, 0)
  const segments = new Writer()
  segments.u32(count)
  // Passive; an element segment names its kind as well.
  for (let i = 0; i < count; i++) segments.put(...(id === SECTION.data ? [1, 0] : [1, 0, 0]))
  if (id === SECTION.element) out.section(id, segments)
  section(SECTION.code, 1, 2, 0, 0x0b)
  if (id === SECTION.data) out.section(id, segments)
  return out.finish()
}

describe('an engine takes what the limits let pass', () => {
  it('with the most segments, to which the library adds its own', async () => {
    for (const id of [SECTION.data, SECTION.element]) {
      await compile(buildProgram(withSegments(id, DEFAULT_LIMITS.segments)))
    }
  })

  it('with the most locals, to which the pass adds some of each type', async () => {
    const constants = {
      i32: 'i32.const 0',
      i64: 'i64.const 0',
      f32: 'f32.const 0',
      f64: 'f64.const 0',
      funcref: 'ref.null func',
    }
    const others = DEFAULT_LIMITS.params - 1
    // A NaN below all other arguments: they step aside into locals while it is made canonical.
    const functions = Object.keys(constants).map(
      (type) => `(func $${type} (param f64 ${times(others, type)}))`,
    )
    const calls = Object.entries(constants).map(
      ([type, constant]) => `f64.const 0 f64.const 0 f64.div ${times(others, constant)} call $${type}`,
    )
    const locals = `(local ${times(DEFAULT_LIMITS.locals, 'i32')})`
    const module = `(module ${functions.join(' ')} (func (export "_start") ${locals} ${calls.join(' ')}))`
    await compile(buildProgram(wat(module)))
  })
})
