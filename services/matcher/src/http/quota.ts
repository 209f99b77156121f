/** Token buckets: how much a stranger may ask for before it must wait. Time comes as an argument. */
export class Quota {
  readonly #burst: number
  readonly #perSecond: number
  readonly #buckets = new Map<string, { left: number; at: number }>()

  constructor(options: { burst: number; perSecond: number }) {
    this.#burst = options.burst
    this.#perSecond = options.perSecond
  }

  /** Milliseconds until `cost` can be paid; 0 where it was, now. */
  take(key: string, cost: number, now: number): number {
    const bucket = this.#refilled(key, now)
    if (bucket.left < cost) return Math.ceil(((cost - bucket.left) / this.#perSecond) * 1_000)
    bucket.left -= cost
    return 0
  }

  /** Takes `cost` whatever is left: for what turned out to be bad only after it was worked on. */
  charge(key: string, cost: number, now: number): void {
    this.#refilled(key, now).left -= cost
  }

  /** Forgets buckets that are full again, so that strangers cannot fill memory with them. */
  sweep(now: number): void {
    for (const key of this.#buckets.keys()) {
      if (this.#refilled(key, now).left >= this.#burst) this.#buckets.delete(key)
    }
  }

  #refilled(key: string, now: number) {
    const bucket = this.#buckets.get(key) ?? { left: this.#burst, at: now }
    this.#buckets.set(key, bucket)
    const gained = (Math.max(0, now - bucket.at) / 1_000) * this.#perSecond
    bucket.left = Math.min(this.#burst, bucket.left + gained)
    bucket.at = now
    return bucket
  }
}
