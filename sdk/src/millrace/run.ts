/** One job through the whole market: from bytes and a price to a checked output that is paid for. */
import type { Program } from '@millrace/machine'
import type { Address, Hex } from 'viem'
import { getOrder } from '../actions/orders.ts'
import type { JobOutcome } from '../actions/verifyResult.ts'
import type { BidView } from '../api/order.ts'
import type { MillraceClient } from '../client/client.ts'
import { hubOf } from '../client/hub.ts'
import type { ResultStatus } from '../documents/result.ts'
import { awaitResult, type FinishedJob } from './awaitResult.ts'
import { checkJob } from './check.ts'
import { type InputOptions, inputBytes } from './input.ts'
import type { FollowOptions } from './options.ts'
import { programOf } from './program.ts'
import { type Tell, teller } from './progress.ts'
import { type Payment, pay } from './settle.ts'
import { type RunParameters, type SubmittedJob, submitJob } from './submitJob.ts'

/** What a job came to. A trap is a result as well: `status` says how it ended. */
export interface JobReport {
  /** The ticket's hash. */
  id: Hex
  /** Digest of the bid. */
  order: Hex
  lease: Hex
  provider: Address
  status: ResultStatus
  /** Why it trapped, as the provider says: its engine's words, which nobody signed and nothing checks. */
  trap?: string
  /** What the program gave to `exit`; -1 where it never got there. */
  exitCode: number
  stdout: string
  stderr: string
  /** The same as bytes. */
  output: { stdout: Uint8Array; stderr: Uint8Array }
  /**
   * What the program left in `/out`, by path, such as `plots/first.png`; only a program that exited leaves any. The
   * names are a stranger's: relative and normalised, and still nothing to write without a look at them.
   */
  files: Readonly<Record<string, Uint8Array>>
  /** Empty folders in `/out`. */
  folders: readonly string[]
  fuelUsed: bigint
  /** All in, base units of `token`. */
  paid: bigint
  token: Address
  /** Whether the payment is on chain. If not it will be, by this close or by the provider's claim. */
  settled: boolean
}

/** Runs one job. */
export async function run(client: MillraceClient, parameters: RunParameters): Promise<JobReport> {
  const tell = teller(client, parameters.onPhase)
  const program = programOf(parameters.program)
  const input = inputBytes(parameters)
  return listening(client, async () => {
    const order = await submitJob(client, parameters, { program, input, tell })
    return follow(client, { ...parameters, order, rerun: { program, input }, tell })
  })
}

export interface ResumeParameters extends FollowOptions {
  /** The digest that the `signed` phase told. */
  order: Hex
  /** What it ran, where `verify` is wanted. */
  program?: Uint8Array
  input?: InputOptions
}

/** Comes back to a job: waits for its result, checks it and pays. */
export async function resume(client: MillraceClient, parameters: ResumeParameters): Promise<JobReport> {
  const { program, input, signal } = parameters
  const rerun = program && { program: programOf(program), input: inputBytes(input ?? {}) }
  const tell = teller(client, parameters.onPhase)
  return listening(client, async () => {
    const { order: bid } = (await getOrder(client, { digest: parameters.order, signal })) as BidView
    return follow(client, { ...parameters, order: { digest: parameters.order, bid }, rerun, tell })
  })
}

interface Following extends Omit<FollowOptions, 'onPhase'> {
  order: SubmittedJob
  rerun?: { program: Program; input: Uint8Array }
  tell: Tell
}

/** From the bid to the end. */
async function follow(client: MillraceClient, parameters: Following): Promise<JobReport> {
  const { order, verify = false, deposit = 'never', tell, signal, timeout } = parameters
  const finished = await awaitResult(client, { order, tell, signal, timeout })
  const rerun = verify ? parameters.rerun : undefined
  const outcome = await checkJob(client, { ...finished, rerun, deposit, tell, signal })
  const payment = await pay(client, { ...finished, tell, signal })
  return reportOf(order.digest, finished, outcome, payment)
}

function reportOf(order: Hex, { job, lease }: FinishedJob, outcome: JobOutcome, payment: Payment): JobReport {
  const { terms } = lease
  const { status, trap, exitCode, stdout, stderr, files, folders, fuelUsed } = outcome
  return {
    ...{ id: job.id, order, lease: lease.id, provider: terms.provider },
    ...{ status, trap, exitCode, fuelUsed, ...payment },
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    output: { stdout, stderr },
    ...{ files, folders },
    token: terms.token,
  }
}

const decoder = new TextDecoder()

/** Keeps the event stream open meanwhile, so that it stands before there is something to hear. */
async function listening<T>(client: MillraceClient, work: () => Promise<T>): Promise<T> {
  const stop = hubOf(client).listen({ onEvent: () => {} })
  try {
    return await work()
  } finally {
    stop()
  }
}
