import { escapeTerminal } from '../terminal/escape.ts'
import { exitCodeOf } from './exitCodes.ts'

/** What is told about an error, in the order in which it is told. */
export interface Explanation {
  readonly code: string
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
  /** What a person reads of the facts, where they have words for it. */
  readonly details: readonly string[] | undefined
  readonly remedy: string | undefined
  readonly retryable: boolean
  readonly exitCode: number
}

/**
 * Reads the common shape of all errors of Millrace (code, facts, remedy, retryable) off anything that was thrown;
 * they come from the machine, the SDK and the matcher, which know nothing of this program.
 */
export function explain(thrown: unknown): Explanation {
  const error = asRecord(thrown)
  const code = typeof error.code === 'string' ? error.code : 'unexpected'
  return {
    code,
    message: messageOf(thrown),
    facts: asRecord(error.facts),
    details: Array.isArray(error.details) ? error.details.map(String) : undefined,
    remedy: typeof error.remedy === 'string' ? error.remedy : undefined,
    retryable: error.retryable === true,
    exitCode: exitCodeOf(code),
  }
}

/** The lines that a person reads. */
export function explanationLines({
  message,
  code,
  facts,
  details,
  remedy,
  retryable,
}: Explanation): string[] {
  const lines = [`millrace: ${withoutRemedy(message, remedy)}`]
  const shown = details ?? Object.entries(facts).flatMap(([name, value]) => showFact(name, value))
  lines.push(...shown.map((line) => `  ${line}`))
  if (remedy) lines.push(`  What to do: ${remedy}`)
  // Of what nobody foresaw nothing is known; who detached has nothing to try again.
  if (code !== 'unexpected' && code !== 'detached') {
    lines.push(`  Trying again ${retryable ? 'may help' : 'as it is will not help'}. [${code}]`)
  }
  // Some of this text came over the network.
  return lines.map(escapeTerminal)
}

/** The `error` of a `--json` answer. */
export function explanationJson(explanation: Explanation): Record<string, unknown> {
  const { details: _, ...rest } = explanation
  return { ...rest, facts: toJson(explanation.facts) }
}

/** Bigints as decimal strings; everything else is JSON already. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }
  return value
}

/** The machine's messages end with what to do, for those who see nothing else. */
function withoutRemedy(message: string, remedy: string | undefined): string {
  return remedy && message.endsWith(remedy) ? message.slice(0, -remedy.length).trimEnd() : message
}

function showFact(name: string, value: unknown): string[] {
  if (value === undefined) return []
  return [`${name}: ${typeof value === 'object' ? JSON.stringify(toJson(value)) : value}`]
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  // viem's own messages run over many lines; the first says what happened.
  const short = asRecord(thrown).shortMessage
  return typeof short === 'string' ? short : thrown.message
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
