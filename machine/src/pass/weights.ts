/**
 * What instructions cost, in units of fuel.
 *
 * Nearly every instruction costs 1: measured over programs, weights by instruction predicted time no better than
 * counting. The dearest unit of five programs was 7.6 times the cheapest; with 2 for a load or store it was 8.9, with
 * 8 for a division, a root or an indirect call and 6 for br_table it was 7.9. What differs is only what would let
 * a program do work that nobody counts: long operands, many values moved at once, calls.
 *
 * `block`, `loop`, `else` and `end` are marks: no engine executes anything for them, so they are free. Any
 * cycle passes a branch or a call, so that fuel used is at least the number of instructions executed.
 */
import type { FunctionType } from '../wasm/module.ts'
import { OP, OP_COUNT } from '../wasm/opcodes.ts'

export const WEIGHT: Uint8Array = new Uint8Array(OP_COUNT).fill(1)
for (const mark of [OP.block, OP.loop, OP.else, OP.end]) WEIGHT[mark] = 0
WEIGHT[OP.callIndirect] = 3
WEIGHT[OP.brTable] = 2

/** Beyond the call itself: the new frame, and one unit for every eight values passed. */
export function callWeight(type: FunctionType): number {
  return 1 + ((type.params.length + type.results.length) >> 3)
}

/** Locals beyond the parameters are set to zero at a function's entry: one unit for every 2^3. */
export const LOCALS_PER_UNIT_LOG2 = 3

/** A branch carries its first value for nothing, each further one for one unit. */
export function branchWeight(values: number): number {
  return Math.max(0, values - 1)
}

/** memory.copy, memory.fill, memory.init: one unit for every 2^3 bytes begun, before they run. */
export const BYTES_PER_UNIT_LOG2 = 3

/** table.copy, table.fill, table.init, table.grow: units for an element, before they run. */
export const UNITS_PER_ELEMENT = 1

/** memory.grow that is within the maximum: units for a page, before it runs. The host clears 64 KiB for it. */
export const UNITS_PER_PAGE = 1024

/**
 * A primitive, beside the bytes that it moves: it leaves the program and comes back. An estimate, not measured.
 */
export const UNITS_PER_PRIMITIVE = 64
