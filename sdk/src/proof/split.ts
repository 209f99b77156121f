/** Splits: how a run is cut into sections of sections, and the tree over one cut, as `Section.sol` has them. */
import { concatHex, type Hex, keccak256 } from 'viem'

/** Sections of a split. */
export const SECTIONS = 32
const BITS = 5n

/** No run takes more than STEPS_PER_UNIT · (fuel used + STEPS_FUEL) steps: `docs/MACHINE.md`, "Steps and fuel". */
const STEPS_PER_UNIT = 32n
const STEPS_FUEL = 64n

/** A split as its poster left it. */
export interface PostedSplit {
  /** State before the first section. */
  readonly start: Hex
  /** Number of that state's step. */
  readonly firstStep: bigint
  /** Each section is 32^level steps. */
  readonly level: number
  /** States after each section. */
  readonly ends: readonly Hex[]
}

/** One section of a split, with the way to the split's root. */
export interface Section {
  readonly index: number
  /** State before it. */
  readonly from: Hex
  /** State after it, as its poster says. */
  readonly to: Hex
  /** From the leaf upwards. */
  readonly siblings: readonly Hex[]
}

/**
 * The least level of which a single section, 32^level steps, holds any run that used so much fuel: the most moves that
 * a game about it has.
 */
export function levelOf(fuelUsed: bigint): number {
  const steps = STEPS_PER_UNIT * (fuelUsed + STEPS_FUEL)
  let level = 0
  while (1n << (BITS * BigInt(level)) < steps) level++
  return level
}

/** The level of the first split of a run: the least whose 32 sections hold it, of those that the game allows. */
export function firstLevelOf(steps: bigint, most: number): number {
  let level = 0
  while (level < most && stepsOf(level, SECTIONS) < steps) level++
  return level
}

/** The most fuel whose runs a game of this level is about. */
export function fuelOfLevel(level: number): bigint {
  return (1n << (BITS * BigInt(level))) / STEPS_PER_UNIT - STEPS_FUEL
}

/** The steps at which 32 sections of 32^level steps end. */
export function gridOf(level: number, firstStep = 0n): bigint[] {
  return Array.from({ length: SECTIONS }, (_, i) => firstStep + stepsOf(level, i + 1))
}

/** Steps of so many sections. */
export function stepsOf(level: number, sections: number): bigint {
  return BigInt(sections) << (BITS * BigInt(level))
}

/** A section and its path to the split's root. */
export function sectionOf({ start, ends }: Pick<PostedSplit, 'start' | 'ends'>, index: number): Section {
  const siblings: Hex[] = []
  let at = index
  for (let row = leavesOf(start, ends); row.length > 1; row = rowAbove(row)) {
    siblings.push(row[at ^ 1]!)
    at >>= 1
  }
  return { index, from: index === 0 ? start : ends[index - 1]!, to: ends[index]!, siblings }
}

/** The root of a split, as the chain has it: what `timeout` calls contested. */
export function rootOf({ start, ends }: Pick<PostedSplit, 'start' | 'ends'>): Hex {
  let row = leavesOf(start, ends)
  while (row.length > 1) row = rowAbove(row)
  return row[0]!
}

/** Leaves are sections, not states: one path shows both ends. */
function leavesOf(start: Hex, ends: readonly Hex[]): Hex[] {
  return ends.map((end, i) => over(ends[i - 1] ?? start, end))
}

function rowAbove(row: readonly Hex[]): Hex[] {
  return Array.from({ length: row.length / 2 }, (_, i) => over(row[2 * i]!, row[2 * i + 1]!))
}

function over(left: Hex, right: Hex): Hex {
  return keccak256(concatHex([left, right]))
}
