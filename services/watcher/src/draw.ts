/** Which results are looked at: a pure function of a secret and the ticket, so that a restart draws the same. */
import { concatHex, type Hex, keccak256, stringToHex } from 'viem'

/** Bits of a number that is exact in JavaScript. */
const BITS = 53n

export interface Lot {
  /** Nobody who could choose a ticket by it may know it. */
  readonly seed: string
  /** Of all results, from 0 to 1. */
  readonly share: number
}

export function isDrawn(ticket: Hex, { seed, share }: Lot): boolean {
  const hash = BigInt(keccak256(concatHex([keccak256(stringToHex(seed)), ticket])))
  return Number(hash >> (256n - BITS)) < share * 2 ** Number(BITS)
}
