import { expect, it } from 'vitest'
import { assemble, encode } from '../isa/encoding.ts'
import { lower } from '../lower/lower.ts'
import { MACHINERY } from './lowerWat.ts'
import { verifyCode } from './verifyCode.ts'
import { wat } from './wat.ts'

const canonical = wat(`(module ${MACHINERY}
  (func (param i32) (result i32) (local i32) i32.const 1 local.get 0 br_if 0 drop local.get 0 call 0 i32.add))`)

/** What the function becomes, from pc 5 on. */
const BODY = [
  encode('enter', 1),
  encode('const', 1),
  encode('local.get', 0),
  encode('br_if', 13),
  encode('drop'),
  encode('local.get', 0),
  encode('call', 0, 3),
  encode('i32.add'),
  encode('return_one', 1),
]

/** The complaints after the instruction at a place was replaced. */
function complaints(pc: number, instruction: bigint): string[] {
  const lowered = lower(canonical)
  const code = lowered.code.slice()
  code.set(assemble([instruction]), 8 * pc)
  return verifyCode(canonical, { ...lowered, code })
}

it('finds nothing wrong with what is right', () => {
  expect([...lower(canonical).code.subarray(40)]).toEqual([...assemble(BODY)])
  expect(complaints(5, BODY[0]!)).toEqual([])
})

it.each([
  ['a jump out of the body', 8, encode('br_if', 14), 'leads to 14, out of the body'],
  ['a jump to another place', 8, encode('br_if', 12), 'reached with'],
  ['a jump that leaves a stretch alone', 8, encode('br', 13), 'nothing leads here'],
  ['a value too few', 10, encode('drop'), 'pops below the operands'],
  ['a call of no function', 11, encode('call', 0, 4), 'no function begins there'],
  ['a call with other parameters', 11, encode('call', 1, 3), '0 parameters are declared'],
  ['the link taken for a local', 7, encode('local.get', 1), 'touches the link'],
  ['a local that is not there', 7, encode('local.get', 3), 'there are 3 slots'],
  ['a return of another kind', 13, encode('return', 1), 'it gives 1'],
  ['a return over other parameters', 13, encode('return_one', 0), 'the function has 1 parameters'],
  ['a number that is no instruction', 12, 0xffn, 'is no instruction'],
])('finds %s', (_, pc, instruction, complaint) => {
  expect(complaints(pc, instruction).join('\n')).toContain(complaint)
})
