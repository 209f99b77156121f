import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { lower } from '../lower/lower.ts'
import { buildProgram } from '../program.ts'
import { functionNames } from './functionNames.ts'

const tools = await wabt()

/** With a name section. */
function named(text: string): Uint8Array {
  const module = tools.parseWat('test.wat', text)
  return module.toBinary({ write_debug_names: true }).buffer
}

const MODULE = named(`(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (func $inner (result i32) (call $close (i32.const 1)))
  (func (result i32) (i32.const 7))
  (func (export "_start") (drop (call $inner))))`)

describe('names of functions', () => {
  const names = functionNames(MODULE)

  it('are those of the name section, of exports, and none', () => {
    expect([0, 1, 2, 3].map((index) => names(index).name)).toEqual([
      ...['input_length', 'input_read', 'output_write', 'halt'],
    ])
    expect(names(4)).toEqual({ name: 'inner', origin: 'module' })
    expect(names(5)).toEqual({ name: undefined, origin: 'module' })
    expect(names(6)).toEqual({ name: '_start', origin: 'module' })
  })

  it('are WASI\u2019s for the library, and what is added has none', () => {
    const { functions } = lower(buildProgram(MODULE).canonical)
    const all = [...functions.keys()].map(names)
    expect(all.filter(({ origin }) => origin === 'wasi').map(({ name }) => name)).toContain('fd_close')
    expect(all.at(-1)).toEqual({ name: undefined, origin: 'machine' })
    expect(names(functions.length)).toEqual({ name: undefined, origin: 'machine' })
  })

  it('are found in a canonical program too, as far as it kept them', () => {
    const kept = functionNames(buildProgram(MODULE).canonical)
    expect([4, 5, 6].map((index) => kept(index).name)).toEqual([undefined, undefined, '_start'])
  })

  it('cannot command a terminal, and may be cut short', () => {
    const hostile = named('(module (func (export "_start")) (func (export "a\\1bb")))')
    expect(functionNames(hostile)(5).name).toBe('a\\u{1b}b')
    // A section of one part of two bytes, which claims five names.
    const lying = [0, 9, 4, ...new TextEncoder().encode('name'), 1, 2, 5, 4]
    expect(functionNames(Uint8Array.from([...MODULE, ...lying]))(4)).toEqual({
      name: 'inner',
      origin: 'module',
    })
  })
})
