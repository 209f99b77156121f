/** What a dishonest machine altered, for people. */
import { printInstruction } from '../isa/print.ts'
import type { Contents, MachineState } from '../state/state.ts'
import { SLOT_BYTES } from './places.ts'

export interface Difference {
  /** A register's name, a region's, or `step` where it is another step's state. */
  readonly place: string
  /** In a region: which slot of 8 bytes; of the code, which instruction; of the input and the output, which byte. */
  readonly index?: number
  readonly was: string
  readonly is: string
}

const LEAF_BYTES = 32
const REGIONS = ['code', 'stack', 'slots', 'memory', 'output'] as const

/** Where two states of a program differ, first of all. */
export function firstDifference(was: MachineState, is: MachineState): Difference | undefined {
  for (const place of REGIONS) {
    const at = differenceAt(was[place], is[place])
    if (at === undefined) continue
    const slots = [was, is].map((state) => slotAt(state[place], at))
    if (place === 'output') {
      const [before, after] = slots.map((slot) => String((slot >> BigInt(8 * (at % SLOT_BYTES))) & 0xffn))
      return { place, index: at, was: before!, is: after! }
    }
    const [before, after] = slots.map(
      place === 'code' ? printInstruction : (slot) => `0x${slot.toString(16)}`,
    )
    return { place, index: Math.floor(at / SLOT_BYTES), was: before!, is: after! }
  }
  const at = [...is.input.keys()].find((i) => was.input[i] !== is.input[i])
  if (at !== undefined) {
    return { place: 'input', index: at, was: String(was.input[at] ?? 'nothing'), is: String(is.input[at]) }
  }
  const names = Object.keys(is.registers) as (keyof MachineState['registers'])[]
  const place = names.find((name) => String(was.registers[name]) !== String(is.registers[name]))
  return place && { place, was: String(was.registers[place]), is: String(is.registers[place]) }
}

function slotAt(contents: Contents, at: number): bigint {
  const bytes = new Uint8Array(SLOT_BYTES)
  const first = at - (at % SLOT_BYTES)
  for (const [i] of bytes.entries()) bytes[i] = byteAt(contents, first + i)
  return new DataView(bytes.buffer).getBigUint64(0, true)
}

function byteAt(contents: Contents, at: number): number {
  const extent = contents.findLast(({ leaf }) => leaf * LEAF_BYTES <= at)
  return extent?.bytes[at - extent.leaf * LEAF_BYTES] ?? 0
}

/** The first byte that differs. */
function differenceAt(a: Contents, b: Contents): number | undefined {
  const [one, other] = [pagesOf(a), pagesOf(b)]
  const leaves = [...new Set([...one.keys(), ...other.keys()])].sort((x, y) => x - y)
  for (const leaf of leaves) {
    const [x, y] = [one.get(leaf), other.get(leaf)]
    if (x?.buffer === y?.buffer && x?.byteOffset === y?.byteOffset) continue
    const length = Math.max(x?.length ?? 0, y?.length ?? 0)
    for (let i = 0; i < length; i++) if ((x?.[i] ?? 0) !== (y?.[i] ?? 0)) return leaf * LEAF_BYTES + i
  }
  return undefined
}

/** Contents of trees are whole pages. */
const pagesOf = (contents: Contents) => new Map(contents.map(({ leaf, bytes }) => [leaf, bytes]))
