import type { JobView } from '@millrace/sdk'
import { escapeTerminal } from '../terminal/escape.ts'
import { STATUS_WORDS } from './job.ts'

/** What each state means for the tasker, in a sentence. */
const MEANINGS: Readonly<Record<JobView['state'], string>> = {
  queued: 'Its lease is open and the provider is about to be told.',
  dispatched: 'The provider was told and has not answered yet.',
  accepted: 'The provider has program and input and runs it.',
  declined:
    'The provider declined; what was locked is free, and it is matched again while attempts are left.',
  result: 'There is a result; it waits to be checked and paid.',
  paid: 'It ran and is paid.',
  disputed: 'The result was challenged, and the case is open: `millrace dispute list`.',
  slashed: 'The result was wrong: the provider lost its collateral.',
  expired: 'The time ran out without a result; what was locked comes back.',
}

/** Why a job is where it is. */
export function describeWhy(job: JobView): string[] {
  const { state, reason, result, timeline } = job
  const lines = [`${state}: ${MEANINGS[state]}`]
  if (reason) lines.push(`Reason: ${reason}`)
  if (result) lines.push(`The program ${STATUS_WORDS[result.result.status] ?? 'ended'}.`)
  if (result?.trap) lines.push(`Why: ${result.trap}, as the provider says.`)
  // A transaction's note only names the chain's event.
  for (const { note, tx } of timeline) if (note && !tx) lines.push(`Note: ${note}`)
  return lines.map(escapeTerminal)
}
