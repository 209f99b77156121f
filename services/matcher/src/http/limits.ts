import type { RequestHandler } from 'express'
import { RefusedError } from '../errors.ts'
import type { Quota } from './quota.ts'

/** What a refused request costs more than a good one: guessing must not be cheap. */
const REFUSED_COST = 50

/** Counts requests by the address that they come from. */
export function limitRequests(quota: Quota): RequestHandler {
  return (request, response, next) => {
    const from = request.ip ?? ''
    const waitMs = quota.take(from, 1, Date.now())
    if (waitMs > 0) {
      return next(
        new RefusedError(429, 'too-many-requests', 'This address sends more than it may.', {
          remedy: `Wait for ${waitMs} ms.`,
          retryable: true,
          facts: { waitMs },
        }),
      )
    }
    response.on('finish', () => {
      const { refused } = response.locals
      if (refused && response.statusCode < 500 && response.statusCode !== 404) {
        quota.charge(from, REFUSED_COST - 1, Date.now())
      }
    })
    next()
  }
}
