/** Which of the parts that the matcher stands on was away when something failed, if that is why. */
import { BaseError, HttpRequestError, TimeoutError, WebSocketRequestError } from 'viem'

export function unavailablePart(error: unknown): 'chain' | 'database' | undefined {
  // First: an error of viem's may have a socket's error among its causes, as a database's has.
  if (error instanceof BaseError) return error.walk(isChainDown) ? 'chain' : undefined
  return isDatabaseDown(error) ? 'database' : undefined
}

function isChainDown(error: unknown): boolean {
  return (
    error instanceof HttpRequestError ||
    error instanceof TimeoutError ||
    error instanceof WebSocketRequestError
  )
}

/** Codes of Node's sockets and of Postgres. */
const DATABASE_DOWN = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  '57P01',
  '57P03',
  '08006',
])

function isDatabaseDown(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (DATABASE_DOWN.has((at as NodeJS.ErrnoException).code ?? '')) return true
    if (/Connection terminated|connection timeout/i.test(at.message)) return true
  }
  return false
}
