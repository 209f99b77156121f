const STEP_NS = 1_000n

/**
 * A clock that nobody else's machine can disagree with: it starts where the input says and moves on by a
 * microsecond with each reading, and by the whole of every sleep, which takes no time.
 */
export class Clock {
  readonly resolution = STEP_NS
  /** Nanoseconds since 1970 at the start. */
  readonly start: bigint
  #elapsed = 0n

  constructor(start: bigint) {
    this.start = start
  }

  /** Time of day, in nanoseconds since 1970. */
  realtime(): bigint {
    return BigInt.asUintN(64, this.start + this.elapsed())
  }

  /** Nanoseconds since the start. */
  elapsed(): bigint {
    this.#elapsed += STEP_NS
    return BigInt.asUintN(64, this.#elapsed)
  }

  sleep(duration: bigint): void {
    this.#elapsed += duration
  }
}
