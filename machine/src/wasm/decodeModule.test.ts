import { describe, expect, it } from 'vitest'
import { wat } from '../testing/wat.ts'
import { ModuleRefusedError } from './error.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { validateModule } from './validateModule.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

function refusal(bytes: Uint8Array, limits = DEFAULT_LIMITS): ModuleRefusedError {
  try {
    validateModule(bytes, limits)
  } catch (error) {
    expect(error).toBeInstanceOf(ModuleRefusedError)
    return error as ModuleRefusedError
  }
  throw new Error('it was accepted')
}

const module = (...rest: number[]) => Uint8Array.from([...HEADER, ...rest])
const text = (source: string) => new TextEncoder().encode(source)
const inFunction = (code: string) => wat(`(module (memory 1) (table 1 funcref) (func ${code}))`)

describe('what is no module', () => {
  it.each<[string, Uint8Array, number, string]>([
    ['an empty file', new Uint8Array(0), 0, 'not a Wasm module: the file is empty'],
    ['text', text('(module)'), 0, 'not a Wasm module: the first four bytes are 28 6d 6f 64, not 00 61 73 6d'],
    ['half a header', module().subarray(0, 6), 6, 'the file is truncated: it ends within its header'],
    [
      'another version',
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
      4,
      'unknown version of the binary format: 02 00 00 00, not 01 00 00 00',
    ],
    [
      'a component',
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
      4,
      'it is a component, not a core module',
    ],
    ['an unknown section', module(15, 0), 8, 'unknown section 15'],
  ])('%s', (_, bytes, offset, reason) => {
    expect(refusal(bytes)).toMatchObject({
      name: 'ModuleRefusedError',
      code: 'module-refused',
      section: 'module',
      offset,
      reason,
      retryable: false,
    })
  })
})

describe('what the format does not allow', () => {
  it.each<[string, Uint8Array, string, string]>([
    [
      'a truncated section',
      module(1, 10, 1, 0x60),
      'type',
      'the file is truncated: this section should have 10 bytes',
    ],
    ['sections out of order', module(3, 1, 0, 1, 1, 0), 'type', 'the section is out of order'],
    ['a section twice', module(1, 1, 0, 1, 1, 0), 'type', 'the section is there twice'],
    ['a section with more in it', module(1, 2, 0, 0), 'type', 'the section is longer than its content'],
    [
      'a number of six bytes',
      module(1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0),
      'type',
      'more bytes than its type',
    ],
    ['a number beyond 32 bits', module(1, 5, 0x80, 0x80, 0x80, 0x80, 0x10), 'type', 'too large for its type'],
    [
      'a count that lies',
      module(1, 4, 0xff, 0xff, 3, 0x60),
      'type',
      'more than the bytes that follow could hold',
    ],
    ['a name that is not UTF-8', module(0, 2, 1, 0xff), 'custom', 'not valid UTF-8'],
    [
      'functions without bodies',
      module(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0),
      'module',
      '1 functions are declared and 0',
    ],
    ['an empty constant', module(6, 4, 1, 0x7f, 0, 0x0b), 'global', 'a constant expression is empty'],
    [
      'too large an alignment',
      module(
        1,
        4,
        1,
        0x60,
        0,
        0,
        3,
        2,
        1,
        0,
        5,
        3,
        1,
        0,
        0,
        10,
        10,
        1,
        8,
        0,
        0x41,
        0,
        0x28,
        3,
        0,
        0x1a,
        0x0b,
      ),
      'code',
      'aligned to 2^3',
    ],
  ])('%s', (_, bytes, section, reason) => {
    const error = refusal(bytes)
    expect(error.section).toBe(section)
    expect(error.reason).toContain(reason)
  })
})

describe('features that the machine leaves out', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['shared memory', wat('(module (memory 1 1 shared))'), 'memory', 'threads'],
    ['atomics', inFunction('i32.const 0 i32.const 0 i32.atomic.rmw.add drop'), 'code', 'threads'],
    ['SIMD', inFunction('v128.const i64x2 0 0 drop'), 'code', 'SIMD'],
    ['a SIMD type', wat('(module (func (param v128)))'), 'type', 'SIMD'],
    ['a tag', wat('(module (tag (param i32)))'), 'tag', 'exceptions'],
    ['try', inFunction('try nop catch_all end'), 'code', 'exceptions'],
    ['tail calls', wat('(module (func $f return_call $f))'), 'code', 'tail calls'],
    ['memory64', wat('(module (memory i64 1))'), 'memory', 'memory64'],
    ['several memories', wat('(module (memory 1) (memory 1))'), 'memory', 'multiple memories'],
    ['externref', wat('(module (func (param externref)))'), 'type', 'externref'],
    ['GC', module(1, 5, 1, 0x5f, 1, 0x7f, 0), 'type', 'GC'],
    [
      'extended constants',
      wat('(module (global i32 (i32.add (i32.const 1) (i32.const 2))))'),
      'global',
      'more than one',
    ],
  ])('%s', (_, bytes, section, feature) => {
    const error = refusal(bytes)
    expect(error.reason).toContain(feature)
    expect(error.section).toBe(section)
    expect(error.offset).toBeGreaterThanOrEqual(8)
  })

  it('names the byte of the instruction', () => {
    const bytes = inFunction('nop v128.const i64x2 0 0 drop')
    expect(bytes[refusal(bytes).offset]).toBe(0xfd)
  })
})

describe('limits', () => {
  it.each<[string, string, Partial<typeof DEFAULT_LIMITS>, string]>([
    ['the module', '(module)', { moduleBytes: 7 }, 'it has 8 bytes; at most 7'],
    ['functions', '(module (func) (func) (func))', { functions: 2 }, '3 functions; at most 2'],
    ['parameters', '(module (func (param i32 i32 i32)))', { params: 2 }, '3 parameters of one function'],
    [
      'elements of segments',
      '(module (func $f) (elem func $f $f) (elem func $f $f))',
      { segmentElements: 3 },
      'its segments up to 1 have 4 elements; at most 3',
    ],
    ['a body', `(module (func ${'nop '.repeat(100)}))`, { bodyBytes: 100 }, 'a function body has 102 bytes'],
    ['locals', `(module (func (local ${'i64 '.repeat(101)})))`, { locals: 100 }, '101 or more locals'],
    [
      'all locals',
      `(module ${'(func (local i64 i64))'.repeat(9)})`,
      { totalLocals: 17 },
      'more than 17 locals',
    ],
    [
      'nesting',
      `(module (func ${'block '.repeat(9)} ${'end '.repeat(9)}))`,
      { nesting: 8 },
      'more than 8 deep',
    ],
    [
      'branch targets',
      '(module (func i32.const 0 br_table 0 0 0 0))',
      { branchTargets: 2 },
      '3 branch targets',
    ],
    ['tables', '(module (table 1 funcref) (table 1 funcref))', { tables: 1 }, '2 tables; at most 1'],
  ])('%s', (_, source, limits, reason) => {
    expect(refusal(wat(source), { ...DEFAULT_LIMITS, ...limits }).reason).toContain(reason)
  })

  it('does not expand what a few bytes declare', () => {
    // One function with 2^32 − 1 locals, in ten bytes.
    const body = [1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7e, 0x0b]
    const bytes = module(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, body.length + 2, 1, body.length, ...body)
    expect(refusal(bytes).reason).toContain('locals; at most 48000')
  })

  it('needs no stack for blocks nested a million deep', () => {
    const depth = 1_000_000
    const nested = new Uint8Array(depth * 2).fill(0x40)
    for (let i = 0; i < depth; i++) nested[2 * i] = 0x02
    const leb = (value: number) => [
      (value & 0x7f) | 0x80,
      ((value >> 7) & 0x7f) | 0x80,
      ((value >> 14) & 0x7f) | 0x80,
      value >> 21,
    ]
    const size = nested.length + 1
    const start = module(1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, ...leb(size + 5), 1, ...leb(size), 0)
    const bytes = new Uint8Array(start.length + nested.length)
    bytes.set(start)
    bytes.set(nested, start.length)
    expect(refusal(bytes).reason).toContain('nested more than')
  })
})
