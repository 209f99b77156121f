import { describe, expect, it } from 'vitest'
import { canonicalOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'
import { ModuleRefusedError } from '../wasm/error.ts'
import { settle } from './original.ts'

const build = (bytes: Uint8Array) => canonicalOf(bytes).canonical
const module = wat('(module (func (export "f") (param i32) (result i32) local.get 0))')

describe('a canonical program', () => {
  it('is its own canonical program', () => {
    const once = settle(module, build)
    const twice = settle(once.canonical, build)
    expect(Buffer.compare(twice.canonical, once.canonical)).toBe(0)
    expect(Buffer.compare(twice.module, module)).toBe(0)
    expect(WebAssembly.validate(once.canonical as Uint8Array<ArrayBuffer>)).toBe(true)
  })

  it('is refused when a byte of its code or of the module in it was changed', () => {
    const { canonical } = settle(module, build)
    for (const at of [40, canonical.length - 1]) {
      const changed = canonical.slice()
      changed[at]! ^= 1
      expect(() => settle(changed, build), `byte ${at}`).toThrow(ModuleRefusedError)
    }
  })

  it('is refused within another one', () => {
    const { canonical } = settle(module, build)
    const nested = settle(module, () => canonical)
    expect(() => settle(nested.canonical, build)).toThrow(ModuleRefusedError)
  })
})
