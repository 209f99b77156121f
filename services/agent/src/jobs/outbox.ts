/**
 * Tells the matcher what the journal says: results with their signatures, and refusals. Every job is told once
 * at least; telling again is harmless, since each of the documents is the same every time.
 */
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import { faultAt } from '../fault.ts'
import type { JobRow, Journal } from '../journal/journal.ts'
import { claimBy, isJobLease } from '../money/decide.ts'
import type { CloseOffer, MatcherPort } from '../ports.ts'
import { isRetryable } from './retryable.ts'

export interface OutboxDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly log: Logger
}

/** Sends the end of one job. @throws what a retry may help */
export async function tellEnd(id: Hex, deps: OutboxDeps): Promise<void> {
  const { journal, matcher, log } = deps
  const job = journal.job(id)
  if (!job || job.told || job.state === 'taken') return
  try {
    if (job.state === 'declined') await matcher.decline(id, job.reason!, job.detail ?? '')
    else await sendResult(job, deps)
  } catch (error) {
    if (isRetryable(error)) throw error
    // It will be refused every time. The money does not hang on it: the keeper claims on chain.
    log.warn({ job: id, err: error }, 'the matcher refuses to hear the end of a job')
  }
  journal.setTold(id, true)
}

async function sendResult(job: JobRow, { journal, matcher }: OutboxDeps): Promise<void> {
  const result = journal.result(job.id)!
  const output = journal.output(result.output)!
  const inline = output.length <= matcher.market.limits.inlineBytes
  const close = closeOfJobLease(job, journal)
  if (!inline) await matcher.putData(result.output, output)
  const receipt = await matcher.postResult({
    result,
    ...(inline ? { output } : {}),
    ...(close ? { close } : {}),
    trap: job.detail,
  })
  if (receipt) journal.keepReceipt(job.id, receipt)
  faultAt('signed')
}

/** A job lease has nothing after its result: the provider's half of the close goes with it. */
function closeOfJobLease(job: JobRow, journal: Journal): CloseOffer | undefined {
  const { terms } = journal.lease(job.lease)!
  if (!isJobLease(terms)) return undefined
  const owed = terms.retainer + journal.tally(job.lease).earned
  return { lease: job.lease, owed, until: claimBy(terms, 0n) }
}
