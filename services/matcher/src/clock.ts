/**
 * The time that contracts will see. A chain's clock may run ahead of the wall's (a development chain is set
 * forward by hours), and an idle chain's last block says little: so the wall's time plus how far the chain was
 * ahead when its newest block arrived.
 */
export class ChainClock {
  /** Seconds that the chain is ahead of the wall. */
  #ahead = 0

  /** A block at `time` (unix seconds) has just become the head. Returns whether the clock jumped. */
  see(time: number, wallMs = Date.now()): boolean {
    const ahead = Math.max(0, time - Math.floor(wallMs / 1_000))
    const jumped = Math.abs(ahead - this.#ahead) > JUMP
    this.#ahead = ahead
    return jumped
  }

  /** Unix seconds. */
  now(wallMs = Date.now()): bigint {
    return BigInt(Math.floor(wallMs / 1_000) + this.#ahead)
  }

  /** Milliseconds of the wall's time until the chain's clock shows `at` (unix seconds). */
  until(at: bigint, wallMs = Date.now()): number {
    return Math.max(0, (Number(at) - this.#ahead) * 1_000 - wallMs)
  }
}

/** Seconds: less than this is the jitter of blocks. */
const JUMP = 3
