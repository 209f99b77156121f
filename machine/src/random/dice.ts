import { randomFrom } from './random.ts'

/** Choices that follow from a seed. */
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

  /** Does one of these, each as often as its weight says. */
  choose(ways: readonly (readonly [weight: number, way: () => void])[]): void {
    let at = this.#random() * ways.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, way] of ways) {
      at -= weight
      if (weight > 0 && at < 0) {
        way()
        return
      }
    }
  }

  bits(width: number): bigint {
    let bits = 0n
    for (let i = 0; i < width; i += 16) bits = (bits << 16n) | BigInt(this.below(0x10000))
    return BigInt.asUintN(width, bits)
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}
