// What runners report, and how it adds up.

export interface Failure {
  readonly name: string
  readonly message: string
}

/** What one runner did to one part of the project. */
export interface Tally {
  readonly runner: string
  readonly part: string
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly Failure[]
  /** Wall time, but for rows that split one run: there the sum over its files. */
  readonly seconds: number
}

export interface Sum {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function sum(tallies: readonly Tally[]): Sum {
  return {
    passed: total(tallies.map((tally) => tally.passed)),
    failed: total(tallies.map((tally) => tally.failures.length)),
    skipped: total(tallies.map((tally) => tally.skipped)),
  }
}

const total = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** The line that programs read; its form is fixed. */
export function lastLine({ passed, failed, skipped }: Sum): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/**
 * A runner that ran nothing, or ended badly without naming a failure, has failed:
 * silence is not success.
 */
export function withVerdict(tally: Tally, ended: { readonly ok: boolean; readonly output: string }): Tally {
  if (tally.failures.length > 0) return tally
  const ran = tally.passed + tally.skipped > 0
  if (ended.ok && ran) return tally
  const name = ran ? 'ended badly' : 'ran no test'
  return { ...tally, failures: [{ name: `${tally.runner} ${name}`, message: ended.output.trim() }] }
}
