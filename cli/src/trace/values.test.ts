import { INSTRUCTIONS } from '@millrace/machine/steps'
import { describe, expect, it } from 'vitest'
import { formatSlot, typesOf } from './values.ts'

const types = (name: string) => typesOf(INSTRUCTIONS.find((each) => each.name === name)!)

describe('types of operands and results', () => {
  it.each([
    ['f64.add', { operand: 'f64', second: 'f64', result: 'f64' }],
    ['f64.lt', { operand: 'f64', second: 'f64', result: 'i32' }],
    ['i64.eqz', { operand: 'i64', result: 'i32' }],
    ['f64.convert_i32_s', { operand: 'i32', result: 'f64' }],
    ['i32.trunc_sat_f64_u', { operand: 'f64', result: 'i32' }],
    ['i64.extend32_s', { operand: 'i64', result: 'i64' }],
    ['f32.load', { operand: 'i32', result: 'f32' }],
    ['f32.store', { operand: 'f32', second: 'i32' }],
  ])('%s', (name, expected) => expect(types(name)).toMatchObject(expected))

  it('are unknown where a name tells of none', () => expect(types('local.get')).toEqual({}))
})

describe('a slot', () => {
  it.each([
    [42n, undefined, '0x2a = 42'],
    [0xffff_fffen, undefined, '0xfffffffe = -2'],
    [2n ** 64n - 2n, undefined, '0xfffffffffffffffe = -2'],
    [0xffff_fffen, 'i64', '0xfffffffe = 4294967294'],
    [0x3ff8_0000_0000_0000n, 'f64', '0x3ff8000000000000 = 1.5'],
    [0x4000_0000_0000_0000n, 'f64', '0x4000000000000000 = 2.0'],
    [0x8000_0000n, 'f32', '0x80000000 = -0.0'],
    [0x7fc0_0000n, 'f32', '0x7fc00000 = NaN'],
    // What stands above 32 bits counts as little here as it does to the instruction.
    [0x1_0000_0003n, 'i32', '0x100000003 = 3'],
  ] as const)('%s as %s', (slot, type, text) => expect(formatSlot(slot, type)).toBe(text))
})
