import { formatAmount, type Token } from '@millrace/sdk'
import { formatFuel } from '../format/formatFuel.ts'
import { formatDuration } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { escapeTerminal } from '../terminal/escape.ts'
import { shorten } from '../terminal/table.ts'

/** Pino's number for it; from there on a line says how bad it is. */
const WARNING = 40
const ERROR = 50

/** Facts that are base units of the provider's token. */
const AMOUNTS = new Set(['bond', 'earned', 'missing', 'owed', 'price', 'reward', 'sum', 'taken'])
/** Seconds. */
const DURATIONS = new Set(['clock'])

/** What a line begins with, or what a person has no use for. */
const HEAD = new Set(['level', 'time', 'msg', 'err'])

interface LogLine {
  readonly level: number
  readonly time: string
  readonly msg: string
  readonly err?: { readonly message?: string; readonly code?: string; readonly remedy?: string }
}

/**
 * One line of the agent's log for a terminal: when, what, about which job or lease, and money with its unit. A line
 * that is none of the log's own comes back as it is.
 */
export function describeLogLine(line: string, token: Token): string {
  const record = parse(line)
  if (!record) return escapeTerminal(line)
  const { level, time, msg, err } = record
  const worth = level >= ERROR ? 'error: ' : level >= WARNING ? 'warning: ' : ''
  const facts = Object.entries(record).filter(([name]) => !HEAD.has(name))
  const short = facts.filter(([, value]) => !Array.isArray(value))
  const text = [
    `${clockTime(time)}  ${worth}${msg}`,
    ...short.map(([name, value]) => `${name} ${show(name, value, token)}`),
    ...(err ? [`(${err.message ?? err.code ?? 'no reason given'})`] : []),
  ].join('  ')
  const lists = facts.flatMap(([, value]) => (Array.isArray(value) ? value : []))
  const below = [...lists.map(String), ...(err?.remedy ? [`What to do: ${err.remedy}`] : [])]
  // Some of it came over the network.
  return escapeTerminal([text, ...below.map((each) => `          ${each}`)].join('\n'))
}

function parse(line: string): LogLine | undefined {
  try {
    const record = JSON.parse(line) as Partial<LogLine> | null
    const isOurs = typeof record?.level === 'number' && typeof record.time === 'string'
    return isOurs ? (record as LogLine) : undefined
  } catch {
    return undefined
  }
}

function show(name: string, value: unknown, token: Token): string {
  if (DURATIONS.has(name) && typeof value === 'number') return formatDuration(value)
  if (name === 'gas' && typeof value === 'number') return groupThousands(`${value}`)
  if (name === 'fuel' && typeof value === 'string' && /^\d+$/.test(value)) return formatFuel(BigInt(value))
  if (typeof value !== 'string') return JSON.stringify(value)
  if (AMOUNTS.has(name) && /^-?\d+$/.test(value)) return formatAmount(BigInt(value), token)
  return value.startsWith('0x') ? shorten(value) : value
}

/** By the clock on the wall, since whoever reads it sits before it. */
function clockTime(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => `${part}`.padStart(2, '0')).join(':')
}
