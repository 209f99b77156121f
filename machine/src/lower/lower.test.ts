import { describe, expect, it } from 'vitest'
import { print } from '../isa/print.ts'
import { linesOf, lowerWat, MACHINERY } from '../testing/lowerWat.ts'
import { wat } from '../testing/wat.ts'
import { lower } from './lower.ts'

/** What the functions of that text become, from pc 5 on. */
const lines = (fields: string, imports?: string) => linesOf(lowerWat(fields, imports))

describe('a program', () => {
  it('begins with a trap, the call of its entry and the halt', () => {
    const { code } = lowerWat('')
    expect([0, 1, 2, 3, 4].map((pc) => print(code, pc))).toEqual([
      'unreachable',
      'call 3 (0)',
      'halt',
      'const 0',
      'return_one 0',
    ])
    expect(code.length).toBe(5 * 8)
  })

  it('calls its entry wherever it stands', () => {
    const { code, functions } = lower(wat(`(module (func) ${MACHINERY})`))
    expect(print(code, 1)).toBe('call 4 (0)')
    expect([...functions]).toEqual([3, 4])
  })

  it('is the same with the section that carries its module, and as a part of a buffer', () => {
    const bytes = wat(`(module ${MACHINERY})`)
    const carrying = Uint8Array.of(...bytes, 0, 5, 3, 0x61, 0x62, 0x63, 9)
    expect(lower(carrying)).toEqual(lower(bytes))
    expect(lower(Uint8Array.of(1, 2, 3, ...bytes).subarray(3))).toEqual(lower(bytes))
  })

  it('says by function where it begins, and by instruction where it came from', () => {
    const program = lowerWat(
      '(func (param i32) (result i32) (local i64) local.get 0 i32.const 300 i32.add)',
      '(import "millrace" "input_length" (func (result i32)))',
    )
    expect([...program.functions]).toEqual([0, 3, 5])
    const enter = program.map![5]!
    // The size, 10 bytes, stands before the groups of locals; behind them stand the instructions.
    expect([...program.map!.subarray(5)].map((offset) => offset - enter)).toEqual([0, 3, 5, 8, 9])
  })
})

describe('a frame', () => {
  it('has the link behind the parameters and zeros for the locals', () => {
    expect(
      lines(`(func (param i32 i64) (local f64 i32 i32)
        local.get 0 local.set 1 local.get 2 drop local.get 4 local.tee 3 drop)`),
    ).toEqual([
      'enter 3',
      'local.get 0',
      'local.set 1',
      'local.get 3',
      'drop',
      'local.get 5',
      'local.tee 4',
      'drop',
      'return 2',
    ])
  })

  it('returns one value from the top, several through a slide', () => {
    expect(lines('(func (param i32) (result i32) local.get 0)')).toEqual(['local.get 0', 'return_one 1'])
    expect(lines('(func (param i32 i32) (result i32 i32) (local i32) local.get 1 local.get 0)')).toEqual([
      'enter 1',
      'local.get 1',
      'local.get 0',
      'local.get 2',
      'slide 3 4',
      'return_link',
    ])
  })

  it('returns from the middle over whatever is on the stack', () => {
    expect(lines('(func (result i32) i32.const 1 i32.const 2 return)')).toEqual([
      'const 1',
      'const 2',
      'return_one 0',
    ])
    expect(lines('(func (result i32 i32) i32.const 1 i32.const 2 i32.const 3 return)')).toEqual([
      'const 1',
      'const 2',
      'const 3',
      'local.get 0',
      'slide 3 2',
      'return_link',
    ])
  })
})

describe('calls', () => {
  it('name parameters and the first instruction, of functions before and behind', () => {
    expect(
      lines(`(func $a (param i32 i64) (result i32) i32.const 1 i64.const 2 call $a drop i32.const 1 i64.const 2 call $b)
        (func $b (param i32 i64) (result i32) local.get 0 local.get 1 call $a)`),
    ).toEqual([
      'const 1',
      'const 2',
      'call 5 (2)',
      'drop',
      'const 1',
      'const 2',
      'call 13 (2)',
      'return_one 2',
      'local.get 0',
      'local.get 1',
      'call 5 (2)',
      'return_one 2',
    ])
  })

  it('of primitives are their instructions', () => {
    const imports = `(import "millrace" "input_length" (func (result i32)))
      (import "millrace" "input_read" (func (param i32 i32 i32)))
      (import "millrace" "output_write" (func (param i32 i32)))
      (import "millrace" "halt" (func (param i32)))`
    expect(
      lines(
        '(func call 0 call 3 i32.const 1 i32.const 2 i32.const 3 call 1 i32.const 4 i32.const 5 call 2)',
        imports,
      ),
    ).toEqual([
      'input.length',
      'halt',
      'const 1',
      'const 2',
      'const 3',
      'input.read',
      'const 4',
      'const 5',
      'output.write',
      'return 0',
    ])
  })

  it('through a table name the first type that is equal', () => {
    const { code } =
      lowerWat(`(type $a (func (param i32) (result i64))) (type $b (func (param i32) (result i64)))
      (table 1 1 funcref) (table $t 2 2 funcref)
      (func i32.const 5 i32.const 0 call_indirect $t (type $b) drop i32.const 5 i32.const 0 call_indirect (type $a) drop)`)
    // Type 0 is the entry's, or the first that the text has: what counts is that both are one.
    const [first, second] = [print(code, 7), print(code, 11)]
    expect(first).toMatch(/^call_indirect 1 type \d+ \(1\)$/)
    expect(second).toBe(first.replace('call_indirect 1', 'call_indirect 0'))
  })
})

describe('constants', () => {
  it.each([
    ['i32.const 7', ['const 7']],
    ['i32.const -1', ['const 4294967295']],
    ['i32.const 0x80000000', ['const 2147483648']],
    ['i64.const -1', ['const -1']],
    ['i64.const 0x7fffffffffffff', ['const 36028797018963967']],
    ['i64.const -0x80000000000000', ['const -36028797018963968']],
    ['i64.const 0x80000000000000', ['const.high 0x800000000000']],
    ['i64.const 0x80000000000001', ['const.high 0x800000000000', 'const.low 1']],
    ['i64.const -0x80000000000001', ['const.high 0xff7fffffffffff', 'const.low 255']],
    ['i64.const 0x123456789abcdeff', ['const.high 0x123456789abcde', 'const.low 255']],
    ['i64.const 0x8000000000000000', ['const.high 0x80000000000000']],
    ['i64.const 0x7fffffffffffffff', ['const.high 0x7fffffffffffff', 'const.low 255']],
    ['i64.const 0xffffffff', ['const 4294967295']],
    ['i64.const 0x7fffffff', ['const 2147483647']],
    ['i64.const -0x80000000', ['const -2147483648']],
    ['i64.const 0x8000000', ['const 134217728']],
    ['i64.const 0x800000000', ['const 34359738368']],
    ['i64.const -0x400000000', ['const -17179869184']],
    ['i64.const -64', ['const -64']],
    ['i64.const 64', ['const 64']],
    ['i64.const -65', ['const -65']],
    ['f32.const 1', ['const 1065353216']],
    ['f32.const -0', ['const 2147483648']],
    ['f32.const nan:0x200001', ['const 2141192193']],
    ['f64.const 0', ['const 0']],
    ['f64.const 1', ['const.high 0x3ff00000000000']],
    ['f64.const -0x1.0000000000001p0', ['const.high 0xbff00000000000', 'const.low 1']],
    ['f64.const 0x1p-1070', ['const 16']],
    ['ref.null func', ['const 0']],
  ])('%s', (text, expected) => {
    expect(lines(`(func ${text} drop)`)).toEqual([...expected, 'drop', 'return 0'])
  })

  it('references are the type and the place, of functions before and behind', () => {
    const program = lowerWat(
      '(type (func)) (type $t (func)) (elem declare func $a $b) (func $a (type $t) ref.func $a drop ref.func $b drop) (func $b (param i64))',
    )
    const [own, other] = [1, 2].map((index) => BigInt(program.functions[index]!)) as [bigint, bigint]
    expect(linesOf(program).slice(0, 3)).toEqual([`const ${own}`, 'drop', `const ${(3n << 32n) + other}`])
  })
})

describe('other instructions', () => {
  it('globals, of which three are registers', () => {
    expect(
      lines(`(global $g (mut i32) (i32.const 3))
        (func global.get 0 global.set 0 global.get 1 global.set 1 global.get 2 global.set 2 global.get $g global.set $g)`),
    ).toEqual([
      'register.get 0',
      'register.set 0',
      'register.get 1',
      'register.set 1',
      'register.get 2',
      'register.set 2',
      'global.get 3',
      'global.set 3',
      'return 0',
    ])
  })

  it('loads and stores, in either memory', () => {
    expect(
      lines(`(memory $a 1 1) (memory $b 1 1)
        (func i32.const 0 i32.const 0 i64.load16_s $b offset=70000 align=1 i64.store offset=4294967295)`),
    ).toEqual(['const 0', 'const 0', 'i64.load16_s 1 +70000', 'i64.store 0 +4294967295', 'return 0'])
  })

  it('memories: sizes, bulk, and segments', () => {
    expect(
      lines(`(memory $a 1 5) (memory $b 2 9) (data "a") (data (i32.const 3) "active")
        (data "0123456789012345678901234567890123456789") (data "")
        (func memory.size $b memory.grow $b drop memory.size memory.grow drop
          i32.const 1 i32.const 2 i32.const 3 memory.copy $a $b
          i32.const 1 i32.const 2 i32.const 3 memory.copy $b $a
          i32.const 1 i32.const 2 i32.const 3 memory.fill $b
          i32.const 1 i32.const 2 i32.const 3 memory.init $b 2
          i32.const 1 i32.const 2 i32.const 3 memory.init $a 3
          i32.const 1 i32.const 2 i32.const 3 memory.init $a 1
          data.drop 2)`).filter((line) => !line.startsWith('const')),
    ).toEqual([
      'memory.size 1',
      'memory.grow 1 9',
      'drop',
      'memory.size 0',
      'memory.grow 0 5',
      'drop',
      'memory.copy 0 1',
      'memory.copy 1 0',
      'memory.fill 1',
      'memory.init 1 2 +32',
      'memory.init 0 3 +96',
      'memory.init 0 1 +0',
      'data.drop 2',
      'return 0',
    ])
  })

  it('tables', () => {
    expect(
      lines(`(table $a 1 5 funcref) (table $b 2 9 funcref) (elem func 0 0 0) (elem func 0)
        (func i32.const 0 i32.const 1 table.get $b table.set $a
          ref.null func i32.const 1 table.grow $b drop table.size $b drop
          i32.const 1 ref.null func i32.const 3 table.fill $b
          i32.const 1 i32.const 2 i32.const 3 table.copy $a $b
          i32.const 1 i32.const 2 i32.const 3 table.init $b 1
          elem.drop 1)`).filter((line) => !line.startsWith('const')),
    ).toEqual([
      'table.get 1',
      'table.set 0',
      'table.grow 1 9',
      'drop',
      'table.size 1',
      'drop',
      'table.fill 1',
      'table.copy 0 1',
      'table.init 1 1 +3',
      'elem.drop 1',
      'return 0',
    ])
  })

  it('select with and without a type, ref.is_null, what stands behind the prefix', () => {
    expect(
      lines(`(func (param f64) i32.const 1 i32.const 2 i32.const 3 select drop
        ref.null func ref.null func i32.const 0 select (result funcref) ref.is_null drop
        local.get 0 i64.trunc_sat_f64_u drop local.get 0 f64.sqrt i32.trunc_f64_s i32.extend8_s drop)`),
    ).toEqual([
      'const 1',
      'const 2',
      'const 3',
      'select',
      'drop',
      'const 0',
      'const 0',
      'const 0',
      'select',
      'i64.eqz',
      'drop',
      'local.get 0',
      'i64.trunc_sat_f64_u',
      'drop',
      'local.get 0',
      'f64.sqrt',
      'i32.trunc_f64_s',
      'i32.extend8_s',
      'drop',
      'return 1',
    ])
  })
})

describe('first contents', () => {
  it('globals, of which those of the machine are 0', () => {
    const { globals, functions } = lowerWat(`(func $f (param i32))
      (global i32 (i32.const -1)) (global i64 (i64.const -2)) (global f32 (f32.const -0)) (global f64 (f64.const -2))
      (global funcref (ref.null func)) (global funcref (ref.func $f))`)
    expect([...globals]).toEqual([
      0n,
      0n,
      0n,
      0xffffffffn,
      2n ** 64n - 2n,
      0x80000000n,
      0xc000000000000000n,
      0n,
      (1n << 32n) + BigInt(functions[1]!),
    ])
  })

  it('tables and element segments', () => {
    const { tables, elements, elementLengths, functions } =
      lowerWat(`(type $t (func)) (func $f (type $t)) (func $g (type $t))
      (table $a 3 7 funcref) (table $b 2 2 funcref)
      (elem (table $a) (i32.const 1) func $f $g)
      (elem func $g $f)
      (elem (table $b) (i32.const 0) funcref (ref.null func) (ref.func $g))
      (elem declare func $f)
      (elem funcref (ref.null func))
      (elem (i32.const 2) $f)`)
    const [f, g] = [1, 2].map((index) => BigInt(functions[index]!)) as [bigint, bigint]
    expect(tables).toEqual([
      { max: 7, elements: BigUint64Array.of(1n, f + 1n, f + 1n) },
      { max: 2, elements: BigUint64Array.of(1n, g + 1n) },
    ])
    expect([...elements]).toEqual([g, f, 0n])
    expect([...elementLengths]).toEqual([0n, 2n, 0n, 0n, 1n, 0n])
  })

  it('memories and data segments', () => {
    const { pages, maxPages, image, data, dataLengths } = lowerWat(`(memory 2 3) (memory 1 1)
      (data (i32.const 65536) "ab") (data "cd") (data (i32.const 9) "ef") (data "") (data "g")`)
    expect([pages, maxPages]).toEqual([
      [2, 1],
      [3, 1],
    ])
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
    expect(image.map((part) => ({ ...part, bytes: text(part.bytes) }))).toEqual([
      { memory: 0, address: 65536, bytes: 'ab' },
      { memory: 0, address: 9, bytes: 'ef' },
    ])
    expect(text(data)).toBe(`cd${'\0'.repeat(30)}g${'\0'.repeat(31)}`)
    expect([...dataLengths]).toEqual([0n, 2n, 0n, 0n, 1n])
  })

  it("data of the library's memory", () => {
    const memories = `(memory 0 0) (memory 1 1)`
    const bytes = wat(`(module ${memories} ${MACHINERY})`)
    // A section of one segment, for memory 1 at 9. The assembler leaves the memory out.
    const segment = [1, 2, 1, 0x41, 9, 0x0b, 2, 0x65, 0x66]
    const { image } = lower(Uint8Array.of(...bytes, 11, segment.length, ...segment))
    expect(image).toEqual([{ memory: 1, address: 9, bytes: Uint8Array.of(0x65, 0x66) }])
  })

  it('none of all that', () => {
    expect(lowerWat('')).toMatchObject({ pages: [0, 0], maxPages: [0, 0], tables: [], image: [] })
  })
})
