import { type Facts, MillraceError } from '@millrace/sdk'
import type { RefusalCode } from './refusals.ts'

/** What the matcher answers instead of what was asked for: an error with its HTTP status. */
export class RefusedError extends MillraceError {
  override readonly name = 'RefusedError'
  readonly status: number

  constructor(status: number, code: RefusalCode, message: string, options: Options) {
    super(message, { code, retryable: false, ...options })
    this.status = status
  }
}

interface Options {
  remedy: string
  retryable?: boolean
  facts?: Facts
  cause?: unknown
}

type Known = 'blob' | 'dispute' | 'job' | 'lease' | 'order'

export const notFound = (what: Known, id: string) =>
  new RefusedError(404, `${what}-not-found`, `There is no ${what} ${id} here.`, {
    remedy: `Check the ${what}'s id, and that this matcher is the one that it was sent to.`,
    facts: { [what]: id },
  })

/** A part that the request needs is away. It is asked for again by itself; so should the caller. */
export class UnavailableError extends RefusedError {
  constructor(part: 'redis' | 'database' | 'chain', cause?: unknown) {
    super(503, `${part}-unavailable`, `The matcher's ${part} does not answer.`, {
      remedy: 'Send the same request again in a few seconds; nothing was changed.',
      retryable: true,
      cause,
    })
  }
}

/** The node follows another chain than the one that the journal was written on. Nothing is taken back for it. */
export class ForeignChainError extends MillraceError {
  override readonly name = 'ForeignChainError'

  constructor(facts: Facts) {
    super('The node shares no block with what was read before: it is on another chain.', {
      code: 'foreign-chain',
      retryable: true,
      remedy:
        "Set `rpcUrl` to a node of the market's chain, or `dataDir` to another folder for another chain.",
      facts,
    })
  }
}

/** At the start: the node knows no contract where the configuration has the lease book. */
export class NoContractsError extends MillraceError {
  override readonly name = 'NoContractsError'

  constructor(facts: { chainId: number; leases: string }) {
    super(`Chain ${facts.chainId}, which the node serves, has no lease book at ${facts.leases}.`, {
      code: 'no-contracts',
      retryable: false,
      remedy:
        "Set `rpcUrl` to a node of the market's chain that has read up to the contracts, or correct `contracts`.",
      facts,
    })
  }
}
