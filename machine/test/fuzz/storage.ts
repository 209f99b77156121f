/** Random code over memories and tables as wholes: their sizes, their growth, and the bulk instructions. */
import { FUNCREF, I32, OP } from '../../src/wasm/opcodes.ts'
import { ADDRESS_MASK, type Body } from './surroundings.ts'

export function sizes(body: Body, depth: number): void {
  const { code, dice } = body
  const table = dice.below(body.around.tables.length)
  dice.choose([
    [3, () => code.put(OP.memorySize, 0)],
    [
      2,
      () => {
        body.expression(I32, depth)
        if (!dice.chance(0.1)) body.mask(1)
        code.put(OP.memoryGrow, 0)
      },
    ],
    [2, () => code.indexed(OP.tableSize, table)],
    [
      1,
      () => {
        body.expression(FUNCREF, depth)
        body.expression(I32, depth)
        if (!dice.chance(0.1)) body.mask(1)
        code.indexed(OP.tableGrow, table)
      },
    ],
    [
      2,
      () => {
        body.expression(FUNCREF, depth)
        code.put(OP.refIsNull)
      },
    ],
  ])
}

export function bulkMemory(body: Body, depth: number): void {
  const { code, dice, around } = body
  const segment = dice.below(around.dataSegments)
  if (dice.chance(0.1)) {
    code.indexed(OP.dataDrop, segment)
    return
  }
  const short = dice.chance(0.6)
  body.address(depth)
  if (short) body.address(depth)
  else body.expression(I32, depth)
  const op = dice.pick([OP.memoryFill, OP.memoryCopy, OP.memoryInit])
  if (op === OP.memoryInit) body.mask(15)
  else if (op === OP.memoryCopy && !short) body.mask(ADDRESS_MASK)
  body.expression(I32, depth)
  if (!dice.chance(0.01)) body.mask(op === OP.memoryInit ? 15 : 0xff)
  code.op(op)
  if (op === OP.memoryInit) code.u32(segment)
  if (op === OP.memoryCopy) code.put(0)
  code.put(0)
}

export function getElement(body: Body, depth: number): void {
  body.index(depth)
  body.code.indexed(OP.tableGet, body.dice.below(body.around.tables.length))
}

export function tables(body: Body, depth: number): void {
  const { code, dice, around } = body
  const table = dice.below(around.tables.length)
  const segment = dice.below(around.elementSegments)
  const count = () => {
    body.expression(I32, depth)
    body.mask(3)
  }
  dice.choose([
    [
      4,
      () => {
        body.index(depth)
        body.expression(FUNCREF, depth)
        code.indexed(OP.tableSet, table)
      },
    ],
    [
      2,
      () => {
        body.index(depth)
        body.expression(FUNCREF, depth)
        count()
        code.indexed(OP.tableFill, table)
      },
    ],
    [
      2,
      () => {
        body.index(depth)
        count()
        count()
        code.indexed(OP.tableInit, segment)
        code.u32(table)
      },
    ],
    [
      2,
      () => {
        body.index(depth)
        body.index(depth)
        count()
        code.indexed(OP.tableCopy, table)
        code.u32(dice.below(around.tables.length))
      },
    ],
    [0.5, () => code.indexed(OP.elemDrop, segment)],
  ])
}
