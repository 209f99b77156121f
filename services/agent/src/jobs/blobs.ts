/** A job's program and input: where they come from, and that they are kept. */
import type { Session } from '@millrace/runner'
import type { Hex } from 'viem'
import type { JobRow, Journal } from '../journal/journal.ts'
import type { MatcherPort } from '../ports.ts'
import type { DeclineReason } from './check.ts'
import { Refused } from './refused.ts'
import { isRetryable } from './retryable.ts'

interface BlobDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
}

/** A process has the program, and the journal does not: a fresh process is given it again. */
class NotKeptError extends Error {
  override readonly name = 'NotKeptError'
  readonly retryable = true

  constructor(root: Hex) {
    super(`The program ${root} is not at hand to defend a result of it.`)
  }
}

/**
 * Before anything is promised: a result whose program and input are not at hand cannot be defended.
 *
 * @throws {DiskFullError} the job is then as if it never came
 */
export function keepForDefence(
  { lease, ticket: { job } }: JobRow,
  program: Uint8Array | undefined,
  input: Uint8Array,
  session: Session,
  { journal }: BlobDeps,
): void {
  try {
    if (program) journal.keepBlob(job.programRoot, lease, program)
    // A warm process was given the program in an earlier job of this lease, which kept it.
    else if (!journal.keepsBlob(job.programRoot, lease)) throw new NotKeptError(job.programRoot)
    journal.keepBlob(job.input, lease, input)
  } catch (error) {
    session.discard()
    throw error
  }
}

/** From the journal, where an earlier try or another lease left it; else from the matcher. */
export async function findBlob(
  root: Hex,
  reason: DeclineReason,
  { journal, matcher }: BlobDeps,
): Promise<Uint8Array> {
  const kept = journal.blob(root)
  if (kept) return kept
  try {
    return await matcher.fetchBlob(root)
  } catch (error) {
    if (isRetryable(error)) throw error
    throw new Refused(
      reason,
      `The blob ${root} cannot be had: ${error instanceof Error ? error.message : error}`,
    )
  }
}
