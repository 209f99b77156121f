/** Random code that ends: traps, and what stands behind a branch. */
import { F64, FUNCREF, I32, OP } from '../../src/wasm/opcodes.ts'
import type { Body } from './surroundings.ts'

const EMPTY = 0x40

/** Code behind a branch, where the stack has every type. */
export function dead({ code, dice, around }: Body): void {
  if (dice.chance(0.3)) code.put(OP.i32Add, OP.drop)
  if (dice.chance(0.2)) code.put(OP.select, OP.drop)
  if (dice.chance(0.2)) {
    code.indexed(OP.callIndirect, around.typeIndex([F64, FUNCREF], []))
    code.put(0)
  }
}

export function trap(body: Body, depth: number): void {
  const { code, dice } = body
  if (dice.chance(0.5)) {
    code.put(OP.unreachable)
    return
  }
  body.expression(I32, depth)
  code.put(OP.if, EMPTY, OP.unreachable, OP.end)
}
