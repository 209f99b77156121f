/** Where in a state a step reads and writes, by its instruction: for people, and never for a proof. */
import type { Decoded } from '../isa/encoding.ts'
import type { Instruction } from '../isa/instructions.ts'
import { MEMORY_SPACE_LEAVES, type Registers, SLOTS } from '../state/state.ts'

/** Regions that an instruction's operands lie in. */
export type RegionName = 'stack' | 'slots' | 'memory' | 'input' | 'output'

/** A stretch of a region. */
export interface Place {
  readonly region: RegionName
  /** In bytes from the region's start. */
  readonly at: number
  /** In bytes. */
  readonly length: number
  /** What it is to the instruction, or what the region holds there. */
  readonly role: string
}

/** A step that was made, and what its places follow from. */
export interface Made {
  readonly instruction: Instruction
  readonly decoded: Decoded
  readonly before: Registers
  readonly after: Registers
  /** Slots of the stack before the step, from the top (0) down. */
  operand(depth: number): bigint
  /** What has become of the same slots. */
  left(depth: number): bigint
  /** A slot of the slots region, before the step. */
  own(slot: number): bigint
}

export interface Places {
  readonly reads: readonly Place[]
  readonly writes: readonly Place[]
}

export const SLOT_BYTES = 8
const LEAF_BYTES = 32
export const SPACE_BYTES = LEAF_BYTES * MEMORY_SPACE_LEAVES
const OPERANDS = ['top', 'second', 'third'] as const
const SPACES = ['memory', 'library memory', 'data segments'] as const

/** All places of a step, also such as it did not come to because it trapped before. */
export function placesOf(made: Made): Places {
  const { instruction, before, after } = made
  const { reads = [], writes = [] } = RULES[instruction.name]?.(made) ?? accessOf(made)
  const operands = OPERANDS.slice(0, instruction.pops).map((role, depth) => slot(before.sp - 1 - depth, role))
  const traps = after.status !== before.status
  return {
    reads: [...operands, ...reads],
    writes: traps ? [] : [...writes, ...results(made, operands)],
  }
}

/** What becomes of the top of the stack. */
function results({ instruction, before, after, operand, left }: Made, operands: readonly Place[]): Place[] {
  // An instruction of several steps keeps count in its operands.
  if (after.pc === before.pc && after.sp === before.sp) {
    return operands.filter((_, depth) => operand(depth) !== left(depth))
  }
  if (instruction.pushes === 0) return []
  return [slot(after.sp - 1, instruction.name.startsWith('call') ? 'link' : 'result')]
}

const RULES: Readonly<Record<string, (made: Made) => Partial<Places>>> = {
  'local.get': (made) => ({ reads: [local(made)] }),
  'local.set': (made) => ({ writes: [local(made)] }),
  'local.tee': (made) => ({ writes: [local(made)] }),
  return: ({ before, decoded }) => ({ reads: [slot(before.fp + decoded.b, 'link')] }),
  return_one: ({ before, decoded }) => ({
    reads: [slot(before.sp - 1, 'top'), slot(before.fp + decoded.b, 'link')],
    writes: [slot(before.fp, 'result')],
  }),
  slide: ({ before: { sp, aux }, decoded: { a, b } }) => {
    if (aux >= a) return {}
    return { reads: [slot(sp - a + aux, 'moved')], writes: [slot(sp - a - b + aux, 'moved')] }
  },

  'global.get': ({ decoded }) => ({ reads: [own(SLOTS.globals + decoded.b)] }),
  'global.set': ({ decoded }) => ({ writes: [own(SLOTS.globals + decoded.b)] }),
  'data.drop': ({ decoded }) => ({ writes: [own(SLOTS.dataLengths + decoded.b)] }),
  'elem.drop': ({ decoded }) => ({ writes: [own(SLOTS.elementLengths + decoded.b)] }),

  call_indirect: (made) => ({ reads: [element(made.decoded.b >>> 24, number(made, 0))] }),
  'table.get': (made) => ({ reads: [element(made.decoded.b, number(made, 0))] }),
  'table.set': (made) => {
    const place = element(made.decoded.b, number(made, 1))
    return { reads: [place], writes: [place] }
  },
  'table.size': ({ decoded }) => ({ reads: [sizeOf(decoded.b)] }),
  'table.grow': (made) => {
    const { decoded, before, after } = made
    const size = sizeOf(decoded.a)
    const next = Number(BigInt.asUintN(32, made.own(size.at / SLOT_BYTES))) + before.aux
    const grows = after.aux > before.aux
    const grown = !grows && made.left(1) !== 0xffff_ffffn
    return { reads: [size], writes: grows ? [element(decoded.a, next)] : grown ? [size] : [] }
  },
  'table.fill': (made) => ({
    reads: [sizeOf(made.decoded.b)],
    writes: moved(made) > 0 ? [element(made.decoded.b, number(made, 2))] : [],
  }),
  'table.copy': (made) => {
    const { a } = made.decoded
    const sizes = [sizeOf(a), sizeOf(a >> 4)]
    if (moved(made) === 0) return { reads: sizes }
    const [n, s, d] = [number(made, 0), number(made, 1), number(made, 2)]
    const last = d <= s ? 0 : n - 1
    return { reads: [...sizes, element(a >> 4, s + last)], writes: [element(a, d + last)] }
  },
  'table.init': (made) => {
    const { a, b } = made.decoded
    const checked = [sizeOf(a), own(SLOTS.elementLengths + (a >> 4))]
    if (moved(made) === 0) return { reads: checked }
    const source = own(SLOTS.elements + b + number(made, 1))
    return { reads: [...checked, source], writes: [element(a, number(made, 2))] }
  },

  'memory.fill': (made) => ({ writes: stretch('memory', made.decoded.a & 1, number(made, 2), moved(made)) }),
  'memory.copy': (made) => {
    const { a } = made.decoded
    const k = moved(made)
    const [n, s, d] = [number(made, 0), number(made, 1), number(made, 2)]
    const from = d <= s ? 0 : n - k
    return {
      reads: stretch('memory', (a >> 1) & 1, s + from, k),
      writes: stretch('memory', a & 1, d + from, k),
    }
  },
  'memory.init': (made) => {
    const { a, b } = made.decoded
    const k = moved(made)
    const source = stretch('memory', 2, b + number(made, 1), k)
    return {
      reads: [own(SLOTS.dataLengths + (a >> 1)), ...source],
      writes: stretch('memory', a & 1, number(made, 2), k),
    }
  },
  'input.read': (made) => ({
    reads: stretch('input', 0, number(made, 1), moved(made)),
    writes: stretch('memory', 1, number(made, 2), moved(made)),
  }),
  'output.write': (made) => ({
    reads: stretch('memory', 1, number(made, 1), moved(made)),
    writes: stretch('output', 0, Number(made.before.outputLength), moved(made)),
  }),
}

/** Loads and stores. */
function accessOf(made: Made): Partial<Places> {
  const { instruction, decoded } = made
  const [, bits, kind, narrow] = /^.(32|64)\.(load|store)(8|16|32)?/.exec(instruction.name) ?? []
  if (kind === undefined) return {}
  const address = number(made, kind === 'load' ? 0 : 1) + decoded.b
  const places = stretch('memory', decoded.a & 1, address, Number(narrow ?? bits) / 8)
  return kind === 'load' ? { reads: places } : { writes: places }
}

/** The low 32 bits of an operand. */
const number = (made: Made, depth: number): number => Number(BigInt.asUintN(32, made.operand(depth)))

/** How far the step has come with what it counts down in its top operand. */
function moved(made: Made): number {
  const { before, after } = made
  if (after.pc !== before.pc || after.status !== before.status) return 0
  return number(made, 0) - Number(BigInt.asUintN(32, made.left(0)))
}

const local = ({ before, decoded }: Made): Place => slot(before.fp + decoded.b, 'local')

const slot = (index: number, role: string): Place => ({
  ...{ region: 'stack', at: index * SLOT_BYTES, length: SLOT_BYTES, role },
})

const own = (index: number): Place => ({
  ...{ region: 'slots', at: index * SLOT_BYTES, length: SLOT_BYTES, role: nameOfSlot(index) },
})

const element = (table: number, index: number): Place =>
  own(SLOTS.tables + (table & 15) * SLOTS.table + index)

const sizeOf = (table: number): Place => own(SLOTS.tableSizes + (table & 15))

function stretch(region: 'memory' | 'input' | 'output', space: number, at: number, length: number): Place[] {
  if (length === 0) return []
  return [
    { region, at: space * SPACE_BYTES + at, length, role: region === 'memory' ? SPACES[space]! : region },
  ]
}

/** What a slot of the slots region holds. */
function nameOfSlot(index: number): string {
  const parts = [
    [SLOTS.elementLengths, 'length of element segment'],
    [SLOTS.dataLengths, 'length of data segment'],
    [SLOTS.tableSizes, 'size of table'],
    [SLOTS.elements, 'reference'],
  ] as const
  const part = parts.find(([first]) => index >= first)
  if (part) return `${part[1]} ${index - part[0]}`
  if (index < SLOTS.tables) return `global ${index}`
  const place = index - SLOTS.tables
  return `table ${Math.floor(place / SLOTS.table)}, element ${place % SLOTS.table}`
}
