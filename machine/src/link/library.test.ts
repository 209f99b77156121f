import { describe, expect, it } from 'vitest'
import { buildProgram } from '../program.ts'
import { wat } from '../testing/wat.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import { LIBRARY_PAGES, libraryFor, libraryNames } from './library.ts'

const decode = (text: string) => decodeModule(wat(text), DEFAULT_LIMITS)
const BARE = decode('(module (func (export "_start")))')

describe('the library', () => {
  it('keeps to what the pass asks of one: a memory that is bounded, and no elements, start or other imports', () => {
    const { module } = libraryFor(BARE)
    expect(module.memories).toMatchObject([{ max: LIBRARY_PAGES }])
    expect([module.elements.length, module.start, module.importedGlobals, module.importedMemories]).toEqual([
      ...[0, null, 0, 0],
    ])
  })

  it('is taken only as far as the imports reach, whatever their order', () => {
    const one = (name: string) =>
      `(import "wasi_snapshot_preview1" "${name}" (func (param i32) (result i32)))`
    const bare = libraryFor(BARE).functions
    const close = libraryFor(decode(`(module ${one('fd_close')})`))
    const both = libraryFor(decode(`(module ${one('fd_sync')} ${one('fd_close')})`))
    const all = libraryNames().length
    expect(bare.length).toBeLessThan(close.functions.length)
    expect(close.functions).toEqual(both.functions.filter((index) => index !== both.targets[0]))
    expect(both.functions.length).toBeLessThan(all)
    expect(both.targets[1]).toBe(close.targets[0])
    for (const { functions } of [close, both]) {
      expect(functions).toEqual(functions.toSorted((a, b) => a - b))
      expect(functions).toEqual(expect.arrayContaining([...bare]))
    }
  })

  it('adds about six kilobytes to a program that imports nothing', () => {
    const bytes = wat('(module (func (export "_start")))')
    const added = buildProgram(bytes).canonical.length - bytes.length
    expect(added).toBeGreaterThan(4_000)
    expect(added).toBeLessThan(8_000)
  })
})
