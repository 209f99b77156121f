// What an honest side does next in a proof game. Pure, but for the run that it asks for states.
import { concat, keccak256 } from 'ethers'

export const SECTIONS = 32
const BITS = 5n

export type Hash = string

/** A run of a program, or what somebody says it is. */
export interface Run {
  /** Hashes of the states before these steps, in ascending order; beyond the end, the last one's. */
  statesAt(steps: readonly bigint[]): Promise<Hash[]>
}

export interface Section {
  readonly index: number
  readonly from: Hash
  readonly to: Hash
  readonly siblings: readonly Hash[]
}

/** A split as its poster left it. */
export interface Posted {
  readonly start: Hash
  readonly firstStep: bigint
  /** Each section is 32^level steps. */
  readonly level: number
  /** States after each section. */
  readonly ends: readonly Hash[]
}

export type Move =
  /** No section's end is wrong: the other side's clock decides. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'split'; readonly section: Section; readonly ends: readonly Hash[] }
  /** Of the step from here on. */
  | { readonly kind: 'prove'; readonly section: Section; readonly step: bigint }

/** Answers the other side's split. The run must begin where the split does. */
export async function nextMove(posted: Posted, run: Run): Promise<Move> {
  const { firstStep, level, ends } = posted
  const ours = await splitAt(run, firstStep, level)
  const index = ends.findIndex((end, i) => end !== ours[i])
  if (index < 0) return { kind: 'wait' }

  const section = sectionOf(posted, index)
  const step = firstStep + (BigInt(index) << (BITS * BigInt(level)))
  if (level === 0) return { kind: 'prove', section, step }
  return { kind: 'split', section, ends: await splitAt(run, step, level - 1) }
}

/** The states after each of 32 sections of 32^level steps. */
export function splitAt(run: Run, firstStep: bigint, level: number): Promise<Hash[]> {
  const steps = Array.from(
    { length: SECTIONS },
    (_, i) => firstStep + (BigInt(i + 1) << (BITS * BigInt(level))),
  )
  return run.statesAt(steps)
}

/** A section and its path to the split's root. */
export function sectionOf({ start, ends }: Pick<Posted, 'start' | 'ends'>, index: number): Section {
  const siblings: Hash[] = []
  let at = index
  for (let row = leavesOf(start, ends); row.length > 1; row = rowAbove(row)) {
    siblings.push(row[at ^ 1]!)
    at >>= 1
  }
  return { index, from: index === 0 ? start : ends[index - 1]!, to: ends[index]!, siblings }
}

/** The root of a split, as the chain keeps it. */
export function rootOf({ start, ends }: Pick<Posted, 'start' | 'ends'>): Hash {
  let row = leavesOf(start, ends)
  while (row.length > 1) row = rowAbove(row)
  return row[0]!
}

const over = (left: Hash, right: Hash): Hash => keccak256(concat([left, right]))

const leavesOf = (start: Hash, ends: readonly Hash[]) => ends.map((end, i) => over(ends[i - 1] ?? start, end))

const rowAbove = (row: readonly Hash[]) =>
  Array.from({ length: row.length / 2 }, (_, i) => over(row[2 * i]!, row[2 * i + 1]!))
