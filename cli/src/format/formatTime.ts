const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** A duration in seconds by its two largest units: `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = UNITS.findIndex(([, size]) => whole >= size)
  if (first < 0) return '0 s'
  const [name, size] = UNITS[first]!
  const next = UNITS[first + 1]
  const head = `${Math.floor(whole / size)} ${name}`
  const rest = next ? Math.floor((whole % size) / next[1]) : 0
  return next && rest > 0 ? `${head} ${rest} ${next[0]}` : head
}

/** A moment (seconds since 1970) as a date in UTC, with what is left until then. */
export function formatMoment(at: number, now: number): string {
  const left = at - now
  const when = new Date(at * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')
  return left >= 0 ? `${when} (in ${formatDuration(left)})` : `${when} (${formatDuration(-left)} ago)`
}

/** Milliseconds as they are read: `850 ms`, `2.4 s`. */
export function formatElapsed(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
