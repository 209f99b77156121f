import { randomFrom } from './random.ts'

/** A seeded source of all that random states are made of. */
export class Dice {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** A whole number from 0 up to, but not with, `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  /** From `first` to `last`, both among them. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  bits(count: number): bigint {
    let value = 0n
    for (let have = 0; have < count; have += 32) value = (value << 32n) | BigInt(this.below(2 ** 32))
    return BigInt.asUintN(count, value)
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}
