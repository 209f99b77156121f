import { describe, expect, it } from 'vitest'
import { assemble, decode, encode, instructionAt } from './encoding.ts'
import { INSTRUCTIONS } from './instructions.ts'
import { OPCODE } from './opcode.gen.ts'
import { print } from './print.ts'

describe('an instruction as a number', () => {
  it('has the opcode in the low byte, a in 24 bits, b in 32', () => {
    expect(encode('call', 0xabcdef, 0x12345678)).toBe(0x12345678_abcdef_10n)
    expect(encode('local.get', 3)).toBe(0x00000003_000000_20n)
    expect(encode('const', -1)).toBe(0xffffffffffffff_41n)
    expect(encode('const.high', 2n ** 56n - 1n)).toBe(0xffffffffffffff_42n)
  })

  it('is taken apart again', () => {
    expect(decode(encode('i64.store', 1, 2 ** 32 - 1))).toMatchObject({ opcode: 0x37, a: 1, b: 2 ** 32 - 1 })
    expect(decode(encode('const', -(2n ** 55n))).immediate).toBe(-(2n ** 55n))
  })

  it('refuses immediates that it has no room for', () => {
    expect(() => encode('const', 2n ** 55n)).toThrow('56 bits')
    expect(() => encode('const.high', -1)).toThrow('56 bits')
    expect(() => encode('call', 2 ** 24, 0)).toThrow('out of range')
    expect(() => encode('br', -1)).toThrow('out of range')
    expect(() => encode('br')).toThrow('1 immediates')
  })

  it('stands little-endian in the code, behind whose end there are zeros', () => {
    const code = assemble([encode('br', 2), encode('drop')])
    expect([...code]).toEqual([0x0c, 0, 0, 0, 2, 0, 0, 0, 0x1a, 0, 0, 0, 0, 0, 0, 0])
    // A view that begins within its buffer.
    expect(instructionAt(code.subarray(8), 0)).toBe(encode('drop'))
    expect(instructionAt(code, 2)).toBe(0n)
  })
})

describe('the table', () => {
  it('has each opcode and each name once, and constants for all', () => {
    expect(new Set(INSTRUCTIONS.map(({ opcode }) => opcode)).size).toBe(INSTRUCTIONS.length)
    expect(Object.fromEntries(INSTRUCTIONS.map(({ name, opcode }) => [name, opcode]))).toEqual(OPCODE)
  })
})

describe('an instruction as text', () => {
  const text = (instruction: bigint) => print(assemble([instruction]), 0)

  it.each([
    [encode('unreachable'), 'unreachable'],
    [encode('local.get', 3), 'local.get 3'],
    [encode('br_if', 1042), 'br_if 1042'],
    [encode('i32.load', 0, 16), 'i32.load 0 +16'],
    [encode('const', -5), 'const -5'],
    [encode('const.high', 0x7ff8_0000_0000_00n), 'const.high 0x7ff80000000000'],
    [encode('memory.grow', 1, 1024), 'memory.grow 1 1024'],
    [encode('call', 2, 1042), 'call 1042 (2)'],
    [encode('call_indirect', 1, 2 * 2 ** 24 + 7), 'call_indirect 2 type 7 (1)'],
    [encode('memory.copy', 2), 'memory.copy 0 1'],
    [encode('memory.init', 5 * 2 + 1, 64), 'memory.init 1 5 +64'],
    [encode('table.copy', 0x31), 'table.copy 1 3'],
    [encode('table.init', 0x52, 9), 'table.init 2 5 +9'],
    [0xffn, '0x00000000000000ff'],
  ])('%s is %s', (instruction, expected) => {
    expect(text(instruction)).toBe(expected)
  })
})
