// What an instruction does with many pairs of operands, as columns: a million pairs are a matter of seconds.

export interface Answers {
  /** Zero where it traps. */
  readonly slots: BigUint64Array
  /** One where it traps. */
  readonly traps: Uint8Array
}

/** One operand behind the other, of as many pairs as there are answers; of unary instructions, the second is anything. */
export type Pairs = BigUint64Array

/** Bytes of an outcome of `FloatBatch`. */
const OUTCOME = 16

/** The operands as `FloatBatch` takes them. */
export function encodePairs(pairs: Pairs): Buffer {
  return Buffer.from(pairs.slice().buffer).swap64()
}

/** Reads what `FloatBatch` returned, with the gas of each call. */
export function decodeOutcomes(outcomes: Uint8Array): Answers & { readonly gas: Float64Array } {
  const count = outcomes.length / OUTCOME
  const words = new BigUint64Array(new Uint8Array(outcomes).buffer)
  Buffer.from(words.buffer).swap64()
  const slots = new BigUint64Array(count)
  const traps = new Uint8Array(count)
  const gas = new Float64Array(count)
  for (let at = 0; at < count; at++) {
    traps[at] = outcomes[OUTCOME * at + 7]!
    if (traps[at]! > 1) throw new Error(`The float unit reverted on pair ${at}.`)
    gas[at] = Number(words[2 * at]! >> 8n)
    slots[at] = words[2 * at + 1]!
  }
  return { slots, traps, gas }
}

/** Where they differ first, or null. */
export function firstDifference(one: Answers, other: Answers): number | null {
  if (one.slots.length !== other.slots.length) return Math.min(one.slots.length, other.slots.length)
  for (let at = 0; at < one.slots.length; at++) {
    if (one.traps[at] !== other.traps[at] || one.slots[at] !== other.slots[at]) return at
  }
  return null
}
