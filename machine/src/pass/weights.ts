/**
 * What instructions cost, in units of fuel.
 *
 * The cheapest cost 1: locals, constants, integer and float arithmetic. The others cost more so that a unit takes about
 * as long in every program. A linear programme over the executed instructions and the times of the bench's 16 programs
 * found them, within bounds that fit what processors do: a branch may be predicted wrong; an integer that is loaded is
 * often an address or decides something, while floats are read in order.
 *
 * Counted as executed, the dearest unit (hash map) takes 8.7 times as long as the cheapest; with one unit each it took
 * 14.2 times. Without the hash map it is 3.1 instead of 3.9: its memory is not in the cache, which no weight can know.
 * ADR 16 has more figures, also of programs as they are charged.
 *
 * `block`, `loop`, `else` and `end` are marks: no engine executes anything for them, so they are free. Any
 * cycle passes a branch or a call, so that fuel used is at least the number of instructions executed.
 */
import type { FunctionType } from '../wasm/module.ts'
import { NAME, OP_COUNT } from '../wasm/opcodes.ts'

export const WEIGHT: Uint8Array = new Uint8Array(OP_COUNT).fill(1)

/** The first that fits counts. */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/^(block|loop|else|end)$/, 0],
  // These leave the compiled code.
  [/^(memory|table)\.grow$/, 255],
  [/^(memory\.fill|table\.(set|init|copy|fill))$/, 64],
  [/^(br|return|global\.[gs]et|i\d\d\.mul)$/, 2],
  [/^i\d\d\.(load|store)/, 4],
  [/^(if|br_if|call|f\d\d\.(div|sqrt))$/, 8],
  [/^br_table$/, 12],
  [/^call_indirect$/, 16],
  [/^i\d\d\.(div|rem)_[su]$/, 24],
]

for (let op = 0; op < OP_COUNT; op++) {
  const found = WEIGHTS.find(([names]) => names.test(NAME[op]!))
  if (found) WEIGHT[op] = found[1]
}

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

/** table.copy, table.fill, table.init, table.grow: units for an element, before they run. An engine writes each with care. */
export const UNITS_PER_ELEMENT = 64

/** memory.grow that is within the maximum: units for a page, before it runs. The host clears 64 KiB for it. */
export const UNITS_PER_PAGE = 1024

/**
 * A primitive, beside the bytes that it moves: it leaves the program and comes back. An estimate, not measured.
 */
export const UNITS_PER_PRIMITIVE = 64

/**
 * The provable machine takes no more steps than `STEPS_PER_UNIT · (fuel used + STEPS_FUEL)`, whatever the program:
 * `docs/MACHINE.md`, Steps and fuel, says why.
 */
export const STEPS_PER_UNIT = 32n
export const STEPS_FUEL = 64n
