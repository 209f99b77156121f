/** One thing that `doctor` looked at. `warn` does not stop the common thing from working, `fail` does. */
export interface Finding {
  readonly name: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found. */
  readonly says: string
  /** What to do about it. */
  readonly remedy?: string
}

export const ok = (name: string, says: string): Finding => ({ name, level: 'ok', says })
export const warn = (name: string, says: string, remedy: string): Finding => ({
  name,
  level: 'warn',
  says,
  remedy,
})
export const fail = (name: string, says: string, remedy: string): Finding => ({
  name,
  level: 'fail',
  says,
  remedy,
})
