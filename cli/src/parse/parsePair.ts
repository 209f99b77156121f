import { CliError } from '../failures/CliError.ts'

/** `NAME=VALUE`, the value being whatever stands after the first `=`. */
export function parsePair(text: string, option: string): [string, string] {
  const cut = text.indexOf('=')
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)]
  throw new CliError('bad-value', `${option}: ${JSON.stringify(text)} has no "=".`, {
    remedy: `Write ${option} NAME=VALUE.`,
  })
}

/** For commander: gathers an option that may stand many times. */
export function gather(value: string, before: string[] = []): string[] {
  return [...before, value]
}
