import { describe, expect, it } from 'vitest'
import { encodeInput } from '../io/input.ts'
import { decodeOutput } from '../io/output.ts'
import { buildProgram, DEFAULT_LIMITS, ModuleRefusedError } from '../program.ts'
import { Halt, Primitives } from '../run/primitives.ts'
import { run } from '../run/run.ts'
import { wat } from '../testing/wat.ts'

function refusal(source: string, limits = DEFAULT_LIMITS): ModuleRefusedError {
  try {
    buildProgram(wat(source), limits)
  } catch (error) {
    expect(error).toBeInstanceOf(ModuleRefusedError)
    return error as ModuleRefusedError
  }
  throw new Error('it was accepted')
}

const START = '(func (export "_start"))'
const WASI = '"wasi_snapshot_preview1"'

describe('imports', () => {
  it.each([
    [
      'an unknown module',
      `(import "env" "print" (func))`,
      'it imports env.print, which the machine does not have',
    ],
    [
      'an unknown WASI function',
      `(import ${WASI} "fd_dup" (func))`,
      'it imports wasi_snapshot_preview1.fd_dup, which the machine does not have',
    ],
    [
      'another signature',
      `(import ${WASI} "fd_close" (func (param i64) (result i32)))`,
      'it imports wasi_snapshot_preview1.fd_close as (i64) -> (i32), which is (i32) -> (i32)',
    ],
    [
      'a name that would steer a terminal',
      `(import "\\1b[2J" "\\e2\\80\\ae${'x'.repeat(200)}" (func))`,
      `it imports \\u{1b}[2J.\\u{202e}${'x'.repeat(62)}…, which the machine does not have`,
    ],
    [
      'a memory',
      `(import "env" "memory" (memory 1))`,
      'it imports the memory env.memory; a program brings its own',
    ],
    [
      'a table',
      `(import "env" "t" (table 1 funcref))`,
      'it imports the table env.t; a program brings its own',
    ],
    ['a global', `(import "env" "g" (global i32))`, 'it imports the global env.g; a program brings its own'],
  ])('%s is refused', (_, source, reason) => {
    const error = refusal(`(module ${source} ${START})`)
    expect(error).toMatchObject({ section: 'import', reason })
    expect(error.offset).toBeGreaterThan(8)
  })

  it('names those that it takes, in order', () => {
    const program = buildProgram(
      wat(`(module
        (import ${WASI} "proc_exit" (func (param i32)))
        (import "env" "abort" (func (param i32 i32 i32 i32)))
        ${START})`),
    )
    expect(program.imports).toEqual(['wasi_snapshot_preview1.proc_exit', 'env.abort'])
    expect(program.kind).toBe('wasi')
  })
})

describe('entry', () => {
  it.each([
    ['none', '(func)', 'it exports nothing to run'],
    [
      'one with parameters',
      '(func (export "_start") (param i32))',
      '_start is (i32) -> (); it should be () -> ()',
    ],
    ['one that gives a float', '(func (export "main") (result f64) f64.const 0)', 'main is () -> (f64)'],
    [
      'one that is no function',
      '(global (export "_start") i32 (i32.const 0))',
      '_start is a global, not a function',
    ],
    ['a reserved name', `${START} (func (export "millrace:fuel"))`, 'it exports millrace:fuel'],
  ])('%s is refused', (_, source, reason) => {
    const error = refusal(`(module ${source})`)
    expect(error.section).toBe('export')
    expect(error.reason).toContain(reason)
  })

  it.each([
    [
      '_start, after the start function',
      '(start $s) (func (export "_start") i32.const 2 call $log)',
      '_start',
      '12',
      0,
    ],
    [
      '_start alone, of _start and main',
      '(func (export "_start") i32.const 2 call $log) (func (export "main") unreachable)',
      '_start',
      '2',
      0,
    ],
    [
      '_initialize and then main',
      '(func (export "_initialize") i32.const 3 call $log) (func (export "main") (result i32) i32.const 4 call $log i32.const 7)',
      'main',
      '34',
      7,
    ],
  ])('it runs %s', async (_, source, name, expected, code) => {
    const program = buildProgram(
      wat(`(module (memory 1)
        (func $s i32.const 1 call $log)
        (func $log (param i32)
          i32.const 0 i32.const 0 i32.load i32.const 10 i32.mul local.get 0 i32.add i32.store)
        ${source})`),
    )
    expect(program.entry).toBe(name)
    expect(program.kind).toBe('bare')
    const primitives = new Primitives(encodeInput(), 100)
    const { instance } = await WebAssembly.instantiate(
      program.canonical as Uint8Array<ArrayBuffer>,
      primitives.imports,
    )
    primitives.attach(instance)
    const { 'millrace:run': run, 'millrace:fuel': fuel, memory } = instance.exports
    ;(fuel as WebAssembly.Global).value = 100_000n
    expect(run).toThrow(Halt)
    expect(decodeOutput(primitives.output).exitCode).toBe(code)
    expect(new Uint32Array((memory as WebAssembly.Memory).buffer)[0]).toBe(Number(expected))
  })
})

describe('sizes', () => {
  it.each([
    ['a memory', '(memory 16385)', 'memory', 'its memory starts with 16385 pages of 64 KiB; at most 16384'],
    ['a table', '(table 1000001 funcref)', 'table', 'table 0 starts with 1000001 elements'],
    [
      'two tables, each of which could be alone',
      '(table 400000 funcref) (table 600001 funcref)',
      'table',
      'table 1 starts with 600001 elements, and the tables up to it with 1000001; at most 1000000 are allowed together',
    ],
    [
      'data beyond the memory',
      '(memory 1) (data (i32.const 65535) "ab")',
      'data',
      'segment 0 does not fit: 2 at 65535',
    ],
    [
      'data far beyond',
      '(memory 1) (data (i32.const -1) "a")',
      'data',
      'segment 0 does not fit: 1 at 4294967295',
    ],
    [
      'elements beyond the table',
      '(table 1 funcref) (elem (i32.const 1) $f) (func $f)',
      'element',
      'segment 0',
    ],
  ])('%s is refused', (_, source, section, reason) => {
    const error = refusal(`(module ${source} ${START})`)
    expect(error.section).toBe(section)
    expect(error.reason).toContain(reason)
  })

  it.each([
    ['none', '(memory 2)', { minPages: 2, maxPages: 16_384 }],
    ['one below the cap', '(memory 2 5)', { minPages: 2, maxPages: 5 }],
    ['one above the cap', '(memory 2 65536)', { minPages: 2, maxPages: 16_384 }],
  ])('given as maximum of the memory %s', (_, source, memory) => {
    expect(buildProgram(wat(`(module ${source} ${START})`)).memory).toEqual(memory)
  })
})

describe('the elements of all tables', () => {
  it('may come to the most together', () => {
    const source = `(module (table 400000 funcref) (table 600000 funcref) ${START})`
    expect(buildProgram(wat(source)).kind).toBe('bare')
  })

  it('are refused with the offset of the table that is too many', () => {
    const few = refusal(`(module (table 1000001 funcref) (table 1 funcref) ${START})`)
    const many = refusal(`(module (table 1000000 funcref) (table 1 funcref) ${START})`)
    expect(many.offset).toBeGreaterThan(few.offset)
  })

  it('never grow beyond it, whatever the tables are grown by', async () => {
    const grow = (table: number) => `
      (loop $again
        (br_if $again (i32.ne (i32.const -1) (table.grow ${table} (ref.null func) (i32.const 1000)))))`
    const source = `(module (table 10 funcref) (table 5 5 funcref) (table 0 3000 funcref) (table 0 funcref)
      (func (export "main") (result i32)
        ${[0, 1, 2, 3].map(grow).join('')}
        (i32.add (i32.add (table.size 0) (table.size 1)) (i32.add (table.size 2) (table.size 3)))))`
    const { output } = await run(buildProgram(wat(source)), encodeInput(), {
      ...{ fuel: 10n ** 10n, outputMax: 100 },
    })
    const { exitCode } = decodeOutput(output)
    expect(exitCode).toBeLessThanOrEqual(DEFAULT_LIMITS.maxTableElements)
    expect(exitCode).toBeGreaterThan(DEFAULT_LIMITS.maxTableElements - 2_000)
  })
})

describe('the canonical program', () => {
  const names = (program: { canonical: Uint8Array }) =>
    WebAssembly.Module.exports(new WebAssembly.Module(program.canonical as Uint8Array<ArrayBuffer>)).map(
      ({ name }) => name,
    )

  it('exports what the machine says and nothing else', () => {
    const program = buildProgram(
      wat(`(module (memory (export "m") 1) (table (export "t") 1 funcref) (func (export "f")) ${START})`),
    )
    expect(names(program)).toEqual([
      'millrace:run',
      'memory',
      'millrace:memory',
      'millrace:fuel',
      'millrace:state',
      'millrace:stack',
    ])
  })

  it('keeps references to functions that only an export had declared', () => {
    const program = buildProgram(
      wat(`(module (func $f (export "f")) (func (export "_start") ref.func $f drop))`),
    )
    expect(names(program)).not.toContain('f')
  })

  it('is the same without custom sections', () => {
    const source = '(module (memory 1) (func $named (export "_start") i32.const 1 drop))'
    const bytes = wat(source)
    const custom = Uint8Array.from([...bytes, 0, 5, 4, ...new TextEncoder().encode('name')])
    expect(buildProgram(custom).root).toBe(buildProgram(bytes).root)
  })
})
