import { randomFrom } from '../../src/testing/random.ts'

/** Choices that follow from a seed. */
export class Dice {
  private readonly random: () => number

  constructor(seed: number) {
    this.random = randomFrom(seed)
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.random() * bound)
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** Does one of these, each as often as its weight says. */
  choose(ways: readonly (readonly [weight: number, way: () => void])[]): void {
    let at = this.random() * ways.reduce((sum, [weight]) => sum + weight, 0)
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
    return bits
  }
}
