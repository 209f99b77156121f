/**
 * Instructions that the loops leave to this file, since they are rare, or since their many steps do not fit those that
 * are left. Each does as many of its steps as it may.
 */
import { instructionOf } from '../isa/encoding.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import type { Memories } from './memories.ts'

/** What an instruction came to: steps done, or none where it traps. */
export type RareSteps = number

export interface RareInstruction {
  readonly a: number
  readonly b: number
}

type Do = (on: Memories, instruction: RareInstruction, left: number) => RareSteps

export function doRare(on: Memories, opcode: number, instruction: RareInstruction, left: number): RareSteps {
  const does = RARE[instructionOf(opcode)?.name ?? '']
  return does ? does(on, instruction, left) : 0
}

const LEAF = 32
const MASK32 = 0xffffffffn
const ELEMENTS_MAX = 2 ** 24

function bordersWithin(start: number, count: number): number {
  return Math.floor((start + count - 1) / LEAF) - Math.floor(start / LEAF)
}

/** Steps that move `count` bytes between two places, or to one, each within one leaf of each. */
function stepsOf(count: number, first: number, second: number): number {
  if (count === 0) return 0
  const steps = 1 + bordersWithin(first, count)
  return (first - second) % LEAF === 0 ? steps : steps + bordersWithin(second, count)
}

/** The most bytes, up to `count`, that a number of steps moves; `steps` grows with the bytes. */
function bytesWithin(count: number, left: number, steps: (bytes: number) => number): number {
  if (steps(count) <= left) return count
  let [fits, tooMany] = [0, count]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (steps(middle) <= left) fits = middle
    else tooMany = middle
  }
  return fits
}

/**
 * Moves bytes forwards, in steps, and pops the operands once none are left.
 *
 * @param places operands that go along, by depth, and from where on their leaves are counted
 */
function moveForwards(
  on: Memories,
  left: number,
  pops: number,
  places: readonly (readonly [depth: number, start: number])[],
  move: (bytes: number) => void,
): RareSteps {
  const count = on.operand(1)
  const [first, second = first] = places.map(([, start]) => start) as [number, number?]
  const steps = (bytes: number) => stepsOf(bytes, first, second)
  const bytes = bytesWithin(count, left, steps)
  move(bytes)
  const done = steps(bytes)
  if (bytes === count && done < left) {
    on.pop(pops)
    return done + 1
  }
  for (const [depth] of places) on.setOperand(depth, on.operand(depth) + bytes)
  on.setOperand(1, count - bytes)
  return done
}

function copy(on: Memories, { a }: RareInstruction, left: number): RareSteps {
  const [target, source] = [on.guest(a & 1), on.guest((a >> 1) & 1)]
  const [to, from, count] = [on.operand(3), on.operand(2), on.operand(1)]
  if (to + count > target.length || from + count > source.length) return 0
  const move = (to: number, from: number, bytes: number) =>
    target.set(source.subarray(from, from + bytes), to)
  if (to <= from) {
    const places = [[3, to] as const, [2, from] as const]
    return moveForwards(on, left, 3, places, (bytes) => move(to, from, bytes))
  }
  const steps = (bytes: number) => stepsOf(bytes, to + count - bytes, from + count - bytes)
  const bytes = bytesWithin(count, left, steps)
  move(to + count - bytes, from + count - bytes, bytes)
  const done = steps(bytes)
  if (bytes === count && done < left) {
    on.pop(3)
    return done + 1
  }
  on.setOperand(1, count - bytes)
  return done
}

function fill(on: Memories, { a }: RareInstruction, left: number): RareSteps {
  const target = on.guest(a & 1)
  const [to, value, count] = [on.operand(3), on.operand(2), on.operand(1)]
  if (to + count > target.length) return 0
  return moveForwards(on, left, 3, [[3, to]], (bytes) => target.fill(value & 0xff, to, to + bytes))
}

function init(on: Memories, { a, b }: RareInstruction, left: number): RareSteps {
  const target = on.guest(a & 1)
  const [to, offset, count] = [on.operand(3), on.operand(2), on.operand(1)]
  const length = Number(on.slots[on.layout.dataLengths / 8 + (a >> 1)]! & MASK32)
  if (to + count > target.length || offset + count > length) return 0
  const places = [[3, to] as const, [2, b + offset] as const]
  return moveForwards(on, left, 3, places, (bytes) => {
    target.set(on.data.subarray(b + offset, b + offset + bytes), to)
  })
}

function inputRead(on: Memories, _: RareInstruction, left: number): RareSteps {
  const target = on.guest(1)
  const [to, offset, count] = [on.operand(3), on.operand(2), on.operand(1)]
  if (to + count > target.length || offset + count > on.input.length) return 0
  const places = [[3, to] as const, [2, offset] as const]
  return moveForwards(on, left, 3, places, (bytes) => {
    target.set(on.input.subarray(offset, offset + bytes), to)
  })
}

function outputWrite(on: Memories, _: RareInstruction, left: number): RareSteps {
  const source = on.guest(1)
  const [from, count] = [on.operand(2), on.operand(1)]
  if (from + count > source.length) return 0
  const { length } = on.output
  const room = Math.min(count, on.outputMax - length)
  const steps = (bytes: number) => stepsOf(bytes, from, length)
  const bytes = bytesWithin(room, left, steps)
  on.output.append(source.subarray(from, from + bytes))
  const done = steps(bytes)
  if (bytes === count && done < left) {
    on.pop(2)
    return done + 1
  }
  on.setOperand(2, from + bytes)
  on.setOperand(1, count - bytes)
  if (bytes < room || done === left) return done
  on.status = MACHINE_STATUS.outputFull
  return done + 1
}

/** Elements of a table as slots: where the first one stands, in slots of the interpreter's memory. */
function tableOf(on: Memories, table: number) {
  const sizeAt = on.layout.tableSizes / 8 + (table & 15)
  return { first: on.layout.tables[table & 15]! / 8, sizeAt, size: Number(on.slots[sizeAt]! & MASK32) }
}

function tableGrow(on: Memories, { a, b }: RareInstruction, left: number): RareSteps {
  const { first, sizeAt, size } = tableOf(on, a)
  const [value, count] = [on.wideOperand(2), on.operand(1)]
  if (on.aux === 0 && size + count > Math.min(b, ELEMENTS_MAX)) {
    on.pop(1)
    on.setOperand(1, 2 ** 32 - 1)
    return 1
  }
  const done = Math.min(left, count - on.aux)
  on.slots.fill(value + 1n, first + size + on.aux, first + size + on.aux + done)
  on.aux += done
  if (done === left) return done
  on.slots[sizeAt] = BigInt(size + count)
  on.aux = 0
  on.pop(1)
  on.setOperand(1, size)
  return done + 1
}

function tableFill(on: Memories, { b }: RareInstruction, left: number): RareSteps {
  const { first, size } = tableOf(on, b)
  const [at, value, count] = [on.operand(3), on.wideOperand(2), on.operand(1)]
  if (at + count > size) return 0
  const done = Math.min(left, count)
  on.slots.fill(value + 1n, first + at, first + at + done)
  return moved(on, done, left, count, [3])
}

function tableCopy(on: Memories, { a }: RareInstruction, left: number): RareSteps {
  const [target, source] = [tableOf(on, a), tableOf(on, a >> 4)]
  const [to, from, count] = [on.operand(3), on.operand(2), on.operand(1)]
  if (to + count > target.size || from + count > source.size) return 0
  const done = Math.min(left, count)
  const forwards = to <= from
  const start = forwards ? 0 : count - done
  on.slots.copyWithin(
    target.first + to + start,
    source.first + from + start,
    source.first + from + start + done,
  )
  return moved(on, done, left, count, forwards ? [3, 2] : [])
}

function tableInit(on: Memories, { a, b }: RareInstruction, left: number): RareSteps {
  const { first, size } = tableOf(on, a)
  const [to, from, count] = [on.operand(3), on.operand(2), on.operand(1)]
  const length = Number(on.slots[on.layout.elementLengths / 8 + (a >> 4)]! & MASK32)
  if (to + count > size || from + count > length) return 0
  const done = Math.min(left, count)
  const elements = on.layout.elements / 8 + b + from
  for (let i = 0; i < done; i++) on.slots[first + to + i] = on.slots[elements + i]! + 1n
  return moved(on, done, left, count, [3, 2])
}

/** One element a step, and a last step that pops. */
function moved(on: Memories, done: number, left: number, count: number, along: readonly number[]): RareSteps {
  if (done < left) {
    on.pop(3)
    return done + 1
  }
  for (const depth of along) on.setOperand(depth, on.operand(depth) + done)
  on.setOperand(1, count - done)
  return done
}

const RARE: Readonly<Record<string, Do>> = {
  'memory.copy': copy,
  'memory.fill': fill,
  'memory.init': init,
  'memory.grow'(on, { a, b }) {
    const delta = on.operand(1)
    const pages = on.pages(a & 1)
    const fits = pages + delta <= Math.min(b, 65_536)
    if (fits) on.grow((a & 1) as 0 | 1, delta)
    on.setOperand(1, fits ? pages : 2 ** 32 - 1)
    return on.next()
  },
  'data.drop'(on, { b }) {
    on.slots[on.layout.dataLengths / 8 + b] = 0n
    return on.next()
  },
  'elem.drop'(on, { b }) {
    on.slots[on.layout.elementLengths / 8 + b] = 0n
    return on.next()
  },
  'table.get'(on, { b }) {
    const { first, size } = tableOf(on, b)
    const index = on.operand(1)
    if (index >= size) return 0
    on.setWideOperand(1, on.slots[first + index]! - 1n)
    return on.next()
  },
  'table.set'(on, { b }) {
    const { first, size } = tableOf(on, b)
    const index = on.operand(2)
    if (index >= size) return 0
    on.slots[first + index] = on.wideOperand(1) + 1n
    on.pop(2)
    return 1
  },
  'table.size'(on, { b }) {
    on.push(tableOf(on, b).size)
    return 1
  },
  'table.grow': tableGrow,
  'table.fill': tableFill,
  'table.copy': tableCopy,
  'table.init': tableInit,
  'input.length'(on) {
    on.push(on.input.length)
    return 1
  },
  'input.read': inputRead,
  'output.write': outputWrite,
  halt(on) {
    on.status = MACHINE_STATUS.exited
    return 1
  },
}
