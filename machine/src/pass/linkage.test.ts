import { describe, expect, it } from 'vitest'
import { wat } from '../testing/wat.ts'
import { decodeModule } from '../wasm/decodeModule.ts'
import { DEFAULT_LIMITS } from '../wasm/limits.ts'
import { I32, OP } from '../wasm/opcodes.ts'
import { EXPORTS, MAX_FUEL } from './abi.ts'
import { makeFunction } from './helpers.ts'
import { instrument } from './instrument.ts'
import type { Layout } from './layout.ts'
import { type Library, PRIMITIVES } from './linkage.ts'

const decode = (text: string) => decodeModule(wat(text), DEFAULT_LIMITS)

/** `(address) -> byte` of the module's own memory. */
const peek = (layout: Layout) =>
  layout.functionIndex('peek', () =>
    makeFunction(layout, [I32], [I32], [], (code) => code.put(OP.localGet, 0, 0x2d, 0, 0)),
  )

const library = (
  module: ReturnType<typeof decode>,
  targets: string[],
  more: Partial<Library> = {},
): Library => ({
  module,
  functions: module.bodies.filter((_, i) => i % 2 === 0).map((_, i) => module.importedFunctions + i),
  imports: module.imports.map(({ module: from, name }) =>
    from === 'millrace' ? (name as (typeof PRIMITIVES)[number]['name']) : peek,
  ),
  targets: targets.map((name) => exported(module, name)),
  ...more,
})

const exported = (module: ReturnType<typeof decode>, name: string) =>
  module.exports.find((entry) => entry.name === name)!.index

/** Runs a linked program on an input; halting is an exception here. */
function runLinked(canonical: Uint8Array, input: number[]) {
  const output: number[] = []
  const bytes = () => new Uint8Array((exports[EXPORTS.libraryMemory] as WebAssembly.Memory).buffer)
  const primitives = {
    input_length: () => input.length,
    input_read: (to: number, offset: number, length: number) =>
      bytes().set(input.slice(offset, offset + length), to),
    output_write: (from: number, length: number) => void output.push(...bytes().slice(from, from + length)),
    halt: (code: number) => {
      throw new Error(`halted with ${code}`)
    },
  }
  const module = new WebAssembly.Module(canonical as Uint8Array<ArrayBuffer>)
  const { exports } = new WebAssembly.Instance(module, { millrace: primitives })
  const fuel = exports[EXPORTS.fuel] as WebAssembly.Global<'i64'>
  fuel.value = MAX_FUEL
  const run = exports[EXPORTS.run] as () => number
  return { run, output, exports, module, used: () => MAX_FUEL - fuel.value }
}

const LIBRARY = `(module
  (import "millrace" "input_length" (func $length (result i32)))
  (import "millrace" "input_read" (func $read (param i32 i32 i32)))
  (import "millrace" "output_write" (func $write (param i32 i32)))
  (import "millrace" "halt" (func $halt (param i32)))
  (import "program" "peek" (func $peek (param i32) (result i32)))
  (memory 2 4)
  (global $at (mut i32) (i32.const 100)) (global $unused i64 (i64.const 7))
  (data (i32.const 8) "lib") (data $passive "xyz")
  (func $put (param i32) global.get $at local.get 0 i32.store8 offset=3
    global.get $at i32.const 1 i32.add global.set $at)
  (func (export "put") (param i32) local.get 0 call $peek call $put)
  (func (export "flush") (result i32)
    i32.const 103 global.get $at i32.const 100 i32.sub call $write
    global.get $at)
  (func (export "echo") (param i32 i64) (result i64)
    i32.const 8 i32.const 3 call $write
    i32.const 0 i32.const 0 i32.const 3 memory.init $passive data.drop $passive
    i32.const 300 i32.const 0 i32.const 2 memory.copy
    i32.const 302 i32.const 0x21 i32.const 1 memory.fill
    i32.const 300 i32.const 3 call $write
    i32.const 400 i32.const 0 call $length call $read
    i32.const 400 call $length call $write
    i32.const 1 memory.grow drop
    local.get 1 memory.size i64.extend_i32_u i64.add
    block (param i64) (result i64) i64.const 1 i64.add end)
  (func (export "exit") (param i32) local.get 0 call $halt)
  (func (export "begin") i32.const 98 call $put))`

const lib = decode(LIBRARY)

describe('a linked program', () => {
  const module = decode(`(module
    (import "w" "put" (func $put (param i32)))
    (import "w" "flush" (func $flush (result i32)))
    (import "w" "echo" (func $echo (param i32 i64) (result i64)))
    (type $t (func (result i32)))
    (memory 1) (global $g (mut i32) (i32.const 5)) (global $f funcref (ref.func $flush)) (table funcref (elem $main $flush))
    (data (i32.const 65) "ABC")
    (func $main (export "main") (result i32)
      i32.const 66 call $put
      i32.const 65 call $put
      i32.const 1 call_indirect (type $t)
      global.get $g i32.add
      i32.const 0 i64.const 10 call $echo i32.wrap_i64 i32.add
      memory.size i32.const 1000 i32.mul i32.add))`)
  const put = ['put', 'flush', 'echo']
  const calls = [exported(module, 'main')]

  it('calls the library, whose memory, globals and data are apart from its own', () => {
    const canonical = instrument(module, DEFAULT_LIMITS, { calls, library: library(lib, put) })
    const linked = runLinked(canonical, [1, 2, 3])
    expect(linked.run()).toBe(102 + 5 + (10 + 3 + 1) + 1000)
    expect(Buffer.from(linked.output).toString('latin1')).toBe('BAlibxy!\x01\x02\x03')
    expect(WebAssembly.Module.imports(linked.module)).toEqual(
      PRIMITIVES.map(({ name }) => ({ module: 'millrace', name, kind: 'function' })),
    )
    const own = new Uint8Array((linked.exports[EXPORTS.memory] as WebAssembly.Memory).buffer)
    expect([...own.subarray(0, 120)].filter((byte) => byte !== 0)).toEqual([65, 66, 67])
  })

  it('enters and leaves through the library, which is told the exit code', () => {
    const linked = library(lib, put, { enter: exported(lib, 'begin'), leave: exported(lib, 'exit') })
    const program = runLinked(instrument(module, DEFAULT_LIMITS, { calls, library: linked }), [])
    expect(program.run).toThrow('halted with 1122')
    expect(Buffer.from(program.output).toString('latin1')).toBe('bBAlibxy!')
  })

  it('takes only the functions that are named', () => {
    const bare = decode('(module (func $main (export "main")))')
    const begin = exported(lib, 'begin')
    const some = library(lib, [], { functions: [begin - 5, begin], enter: begin })
    const all = library(lib, [], { enter: begin })
    const small = instrument(bare, DEFAULT_LIMITS, { calls: [exported(bare, 'main')], library: some })
    const large = instrument(bare, DEFAULT_LIMITS, { calls: [exported(bare, 'main')], library: all })
    expect(small.length).toBeLessThan(large.length)
    expect(runLinked(small, []).run()).toBe(0)
  })

  it('pays for the library\u2019s code and for each byte through a primitive', () => {
    const user = decode(`(module (import "w" "f" (func $f (param i32)))
      (func (export "main") i32.const 80000 call $f))`)
    const writer = decode(`(module (import "millrace" "output_write" (func $write (param i32 i32)))
      (memory 2) (func (export "f") (param i32) i32.const 0 local.get 0 call $write))`)
    const canonical = instrument(user, DEFAULT_LIMITS, {
      calls: [exported(user, 'main')],
      library: library(writer, ['f']),
    })
    const linked = runLinked(canonical, [])
    linked.run()
    expect(linked.output.length).toBe(80_000)
    expect(Number(linked.used())).toBeGreaterThan(10_000)
    expect(Number(linked.used())).toBeLessThan(10_200)
  })
})
