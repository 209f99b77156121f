import pino, { type Logger } from 'pino'

export type { Logger }

/** Fields that are never written, wherever they stand. */
const SECRETS = ['hotKey', 'storeKey', 'privateKey', 'password', 'databaseUrl', 'redisUrl']

/**
 * The matcher's log: JSON lines on standard error, since standard output is data. Strangers' text may hold
 * terminal escapes, so that control characters are written as what they are.
 */
export function makeLog(level: string): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[secret]',
      },
      serializers: { err: pino.stdSerializers.err },
      formatters: { log: (fields) => escapeAll(fields) as Record<string, unknown> },
    },
    pino.destination({ fd: 2, sync: false }),
  )
}

/** Control characters as `\x1b`, so that a log that is read in a terminal stays text. */
export function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

function escapeAll(value: unknown, depth = 4): unknown {
  if (typeof value === 'string') return escapeControls(value)
  if (typeof value === 'bigint') return value.toString()
  if (depth === 0 || typeof value !== 'object' || value === null || value instanceof Error) return value
  if (Array.isArray(value)) return value.map((item) => escapeAll(item, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeAll(item, depth - 1)]))
}
