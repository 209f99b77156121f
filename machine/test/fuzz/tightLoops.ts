/** Random loops of one block that count, and store floats where loads and stores overlap them, or lie just beside. */
import { F32, F64, I32, I64, OP, OPERANDS } from '../../src/wasm/opcodes.ts'
import { BINARY_ARITHMETIC, LOADS, STORES } from './operations.ts'
import { ADDRESS_MASK, type Body } from './surroundings.ts'

const EMPTY = 0x40

/** @param counter a local that nothing else sets */
export function tightLoop(body: Body, counter: number): void {
  const { code, dice } = body
  const pointers = [0, 1].map(() => {
    const local = body.local(I32)
    body.leaf(I32)
    body.mask(dice.chance(0.7) ? ADDRESS_MASK & ~7 : ADDRESS_MASK)
    code.indexed(OP.localSet, local)
    return local
  })
  const type = dice.pick([F32, F64])
  const step = dice.pick([-1, 1, 8, 16, -8])
  const far = Math.abs(step) * (1 + dice.below(9))
  code.i32(step < 0 ? far : 0)
  code.indexed(OP.localSet, counter)
  code.put(OP.loop, EMPTY)
  const count = 1 + dice.below(5)
  for (let i = 0; i < count; i++) statement(body, { type, pointers, counter })
  code.indexed(OP.localGet, counter)
  code.i32(step)
  code.put(OP.i32Add)
  code.indexed(OP.localTee, counter)
  if (step > 0) {
    code.i32(far)
    code.put(OP.i32Ne)
  }
  code.indexed(OP.brIf, 0)
  code.put(OP.end)
}

interface Loop {
  readonly type: number
  readonly pointers: readonly number[]
  readonly counter: number
}

function statement(body: Body, loop: Loop): void {
  const { code, dice } = body
  dice.choose([
    [10, () => store(body, loop)],
    [1, () => access(body, loop, dice.pick(STORES))],
    [
      2,
      () => {
        value(body, loop, loop.type)
        code.indexed(OP.localSet, body.local(loop.type))
      },
    ],
    [
      1,
      () => {
        value(body, loop, I64)
        code.indexed(OP.localSet, body.local(I64))
      },
    ],
    [
      2,
      () => {
        const pointer = dice.pick(loop.pointers)
        code.indexed(OP.localGet, pointer)
        if (dice.chance(0.7)) code.i32(dice.pick([8, 16, 4, -8]))
        else code.indexed(OP.localGet, dice.pick(loop.pointers))
        code.put(OP.i32Add)
        code.indexed(OP.localSet, pointer)
      },
    ],
  ])
}

function store(body: Body, loop: Loop): void {
  access(body, loop, loop.type === F64 ? OP.f64Store : OP.f32Store)
}

function access(body: Body, loop: Loop, op: number): void {
  const { code, dice } = body
  address(body, loop)
  const [, stored] = OPERANDS[op]!
  if (stored !== undefined) value(body, loop, stored)
  code.put(op, 0)
  code.u32(dice.chance(0.7) ? 8 * dice.below(4) : dice.below(24))
}

function address({ code, dice }: Body, { pointers, counter }: Loop): void {
  const terms = [dice.pick(pointers), dice.pick([...pointers, counter, counter])]
  if (dice.chance(0.3)) terms.pop()
  if (dice.chance(0.3)) terms.reverse()
  for (const [i, local] of terms.entries()) {
    code.indexed(OP.localGet, local)
    if (i > 0) code.put(OP.i32Add)
  }
  if (dice.chance(0.5)) return
  code.i32(dice.chance(0.7) ? 8 * dice.below(4) : dice.below(24))
  code.put(OP.i32Add)
}

/** A float is mostly the result of arithmetic; in the reference its NaN is canonical at once. */
function value(body: Body, loop: Loop, type: number): void {
  const { dice, code } = body
  const isFloat = type === F32 || type === F64
  if (!isFloat || dice.chance(0.2)) {
    operand(body, loop, type)
    return
  }
  operand(body, loop, type)
  operand(body, loop, type)
  code.put(dice.pick(BINARY_ARITHMETIC.get(type)!))
  body.canonicalise(type)
}

function operand(body: Body, loop: Loop, type: number): void {
  const { dice } = body
  dice.choose([
    [3, () => access(body, loop, dice.pick(LOADS.get(type)!))],
    [2, () => body.leaf(type)],
  ])
}
