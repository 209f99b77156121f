/** Whether a result is what it says: signed by the right key, with the right output, and, if wanted, right. */
import { buildProgram, commit, decodeOutput, type JobOutput, type Program, run } from '@millrace/machine'
import type { Address } from 'viem'
import type { JobView } from '../api/job.ts'
import { getDomain } from '../client/chain.ts'
import type { MillraceClient, Runner } from '../client/client.ts'
import type { Domain } from '../documents/domain.ts'
import { RESULT_STATUS, type Result, type ResultStatus, verifyResultSignature } from '../documents/result.ts'
import { ticketHash } from '../documents/ticket.ts'
import { BadResultError, WrongResultError } from '../errors/client.ts'
import { fromMachine } from '../errors/machine.ts'
import { getBlob } from './blobs.ts'

export interface JobOutcome {
  status: ResultStatus
  /** What the program gave to `exit`; -1 where it never got there. */
  exitCode: number
  stdout: Uint8Array
  stderr: Uint8Array
  /** What the program left in `/out`, by path. The names are a stranger's. */
  files: Readonly<Record<string, Uint8Array>>
  /** Empty folders in `/out`. */
  folders: readonly string[]
  fuelUsed: bigint
  /** Why the program trapped, as the provider says: its engine's words, which nobody signed and nothing checks. */
  trap?: string
}

export interface VerifyResultParameters {
  job: JobView
  /** The lease's key of the provider: `terms.providerKey`. */
  providerKey: Address
  /** Runs the job again, on this machine: takes as long as the job took. */
  rerun?: { program: Uint8Array | Program; input: Uint8Array }
  signal?: AbortSignal
}

/**
 * Checks a job's result and fetches its output where that did not come along.
 *
 * @throws {BadResultError} where the result is not the provider's word or the output not what it signed
 * @throws {WrongResultError} where running it again came out otherwise
 */
export async function verifyResult(
  client: MillraceClient,
  { job, providerKey, rerun, signal }: VerifyResultParameters,
): Promise<JobOutcome> {
  const result = checkResult(await getDomain(client), job, providerKey)
  const inline = job.result?.output
  const output = inline ?? (await getBlob(client, { root: result.output, kind: 'data', signal }))
  if (inline && commit(inline) !== result.output)
    throw new BadResultError('comes with other output', { job: job.id })
  if (rerun) await runAgain(client.runner ?? run, job, result, rerun)
  const status = RESULT_STATUS[result.status]!
  const trap = status === 'trapped' ? job.result?.trap : undefined
  return { status, fuelUsed: result.fuelUsed, ...readOutput(job, output), trap }
}

/** The signed result of a job. Throws where there is none, or where it is not the provider's. */
export function checkResult(domain: Domain, job: JobView, providerKey: Address): Result {
  if (!job.result) throw new BadResultError('is not there', { job: job.id, state: job.state })
  const { result, signature } = job.result
  const wrong =
    result.ticket !== job.id || ticketHash(job.ticket) !== job.id
      ? 'belongs to another job'
      : result.status >= RESULT_STATUS.length
        ? 'has a status that does not exist'
        : result.fuelUsed > job.ticket.job.fuel
          ? 'uses more fuel than the job may'
          : !verifyResultSignature(providerKey, domain, result, signature)
            ? "is not signed by the lease's provider"
            : undefined
  if (wrong) throw new BadResultError(wrong, { job: job.id, result })
  return result
}

function readOutput(job: JobView, output: Uint8Array): JobOutput {
  try {
    return decodeOutput(output)
  } catch (cause) {
    throw new BadResultError('has an output that no program writes', { job: job.id, cause: String(cause) })
  }
}

async function runAgain(
  runner: Runner,
  job: JobView,
  claimed: Result,
  { program, input }: NonNullable<VerifyResultParameters['rerun']>,
): Promise<void> {
  const { fuel, outputMax } = job.ticket.job
  const built = program instanceof Uint8Array ? buildProgram(program) : program
  const own = await runner(built, input, { fuel, outputMax }).catch((error: unknown) => {
    throw fromMachine(error)
  })
  const actual: Result = {
    ticket: job.id,
    status: own.statusCode,
    fuelUsed: own.fuelUsed,
    output: own.outputRoot,
  }
  const same =
    actual.status === claimed.status &&
    actual.fuelUsed === claimed.fuelUsed &&
    actual.output === claimed.output
  if (!same) throw new WrongResultError({ job: job.id, provider: job.provider, claimed, actual })
}
