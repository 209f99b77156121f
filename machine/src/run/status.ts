/** How a run ended, in words. */
export type Status = 'exited' | 'trapped' | 'out-of-fuel' | 'stack-exhausted' | 'output-full'

/** The number of each status in a signed result. */
export const STATUS_CODES: Readonly<Record<Status, number>> = {
  exited: 0,
  trapped: 1,
  'out-of-fuel': 2,
  'stack-exhausted': 3,
  'output-full': 4,
}
