/** Every answer that is no success: problem+json (RFC 9457) with a stable code, the facts and what to do. */
import { MillraceError } from '@millrace/sdk'
import type { ErrorRequestHandler, Response } from 'express'
import { ZodError } from 'zod'
import { RefusedError, UnavailableError } from '../errors.ts'
import type { Logger } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { RefusalCode } from '../refusals.ts'
import { diskFull, isDiskFull } from '../store/room.ts'
import { unavailablePart } from '../unavailable.ts'

/** What went wrong, as the caller is told. What is nobody's fault but ours is told without its inside. */
export function toRefusal(error: unknown): RefusedError {
  if (error instanceof RefusedError) return error
  if (error instanceof ZodError) return invalid(error)
  if (isDiskFull(error)) return diskFull({}, error)
  const away = unavailablePart(error)
  if (away) return new UnavailableError(away, error)
  if (error instanceof MillraceError) {
    const { code, message, remedy, retryable, facts } = error
    // The SDK's own code: it stands among the SDK's.
    return new RefusedError(422, code as RefusalCode, message, { remedy, retryable, facts, cause: error })
  }
  const parsing = bodyError(error)
  if (parsing) return parsing
  return new RefusedError(500, 'internal', 'The matcher failed at this.', {
    remedy: 'Send it again; if it fails again, the operator finds the cause in the log.',
    retryable: true,
    cause: error,
  })
}

export function problemHandler(log: Logger, metrics: Metrics): ErrorRequestHandler {
  return (error, request, response, next) => {
    const refusal = toRefusal(error)
    metrics.refusals.inc({ code: refusal.code })
    if (refusal.status >= 500)
      log.error({ err: error, method: request.method, path: request.path }, refusal.message)
    // An answer that has begun can only be cut off.
    if (response.headersSent) return next(error)
    sendProblem(response, refusal)
  }
}

export function sendProblem(
  response: Response,
  { status, code, message, facts, remedy, retryable }: RefusedError,
): void {
  response.locals.refused = true
  if (status === 429 || status === 503) {
    response.set(
      'retry-after',
      String(Math.ceil(Number((facts as { waitMs?: number }).waitMs ?? 1_000) / 1_000)),
    )
  }
  const type = `https://millrace.dev/docs/errors#${code}`
  const body = {
    type,
    title: code.replaceAll('-', ' '),
    status,
    code,
    detail: message,
    facts,
    remedy,
    retryable,
  }
  const text = JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
  response.status(status).type('application/problem+json').send(text)
}

function invalid(error: ZodError): RefusedError {
  const [issue] = error.issues
  const where = issue?.path.join('.') || 'the request'
  return new RefusedError(400, 'invalid-request', `${where}: ${issue?.message}`, {
    remedy: 'Send what /openapi.json describes.',
    facts: {
      issues: error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message })),
    },
  })
}

export function bodyTooLarge(limit: number): RefusedError {
  return new RefusedError(413, 'body-too-large', `A request may have at most ${limit} bytes.`, {
    remedy: 'Send large inputs and outputs as blobs.',
    facts: { limit },
  })
}

/** What body-parser says about a body that it cannot read. */
function bodyError(error: unknown): RefusedError | undefined {
  const { type, status, limit } = (error ?? {}) as { type?: string; status?: number; limit?: number }
  if (type === 'entity.too.large') return bodyTooLarge(limit!)
  if (type === undefined || status === undefined || status >= 500) return undefined
  return new RefusedError(status, 'invalid-body', 'The body is not the JSON that it says it is.', {
    remedy: 'Send JSON in UTF-8, whole, with its content type.',
    facts: { type },
  })
}
