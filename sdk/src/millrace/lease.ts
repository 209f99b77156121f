/** A lease that is held open: any number of jobs of one program, each a signature and no transaction. */
import { commit, type Program } from '@millrace/machine'
import type { Address, Hex } from 'viem'
import { putBlob } from '../actions/blobs.ts'
import { getJob, submitTicket } from '../actions/jobs.ts'
import { submitClose } from '../actions/leases.ts'
import { hasReached } from '../actions/waitForJob.ts'
import { isJobEvent } from '../actions/watchJobs.ts'
import type { MarketEvent } from '../api/event.ts'
import type { JobView } from '../api/job.ts'
import type { LeaseView } from '../api/lease.ts'
import type { MillraceClient } from '../client/client.ts'
import { hubOf } from '../client/hub.ts'
import { waitFor } from '../client/waitFor.ts'
import type { ResultStatus } from '../documents/result.ts'
import type { Terms } from '../documents/terms.ts'
import { type Ticket, ticketHash } from '../documents/ticket.ts'
import { JobFailedError } from '../errors/client.ts'
import { TimeoutError } from '../errors/http.ts'
import { checkJob } from './check.ts'
import type { DepositPolicy } from './funding.ts'
import { type InputOptions, inputBytes } from './input.ts'
import { LeaseLedger } from './ledger.ts'
import type { Verify } from './options.ts'
import type { OnPhase } from './phase.ts'
import { teller } from './progress.ts'
import { costOf, waitForEnd } from './settle.ts'
import { vouchersOf } from './vouchers.ts'

export interface LeaseJobParameters extends InputOptions {
  /** Most fuel that it may use; without it, the lease's largest job. */
  fuel?: bigint
  /** Most bytes of output. */
  outputMax?: number
  verify?: Verify
  onPhase?: OnPhase
  signal?: AbortSignal
  /** Milliseconds. */
  timeout?: number
}

export interface LeaseJobReport {
  /** The ticket's hash. */
  id: Hex
  status: ResultStatus
  /** Why it trapped, as in a `JobReport`. */
  trap?: string
  exitCode: number
  stdout: string
  stderr: string
  output: { stdout: Uint8Array; stderr: Uint8Array }
  /** What the program left in `/out`, as in a `JobReport`. */
  files: Readonly<Record<string, Uint8Array>>
  folders: readonly string[]
  fuelUsed: bigint
  /** What the lease owes for it, fees apart. */
  owed: bigint
}

export interface LeaseEnd {
  /** All in. */
  paid: bigint
  /** Whether it is on chain. If not, the provider redeems the last voucher, and the rest comes free by itself. */
  settled: boolean
}

export interface HeldLease {
  readonly id: Hex
  readonly terms: Terms
  readonly provider: Address
  /** Fuel that is left for new jobs, flat fuel included. */
  readonly left: bigint
  /** What is owed so far, fees apart. */
  readonly owed: bigint
  /** Runs one job. Any number at once. */
  run(parameters?: LeaseJobParameters): Promise<LeaseJobReport>
  /** Pays what is owed and ends the lease. Waits for jobs that run. */
  close(options?: { timeout?: number; signal?: AbortSignal }): Promise<LeaseEnd>
  [Symbol.asyncDispose](): Promise<void>
}

export interface HoldParameters {
  lease: LeaseView
  program: Program
  inlineBytes: number
  outputMax: number
  verify: Verify
  deposit: DepositPolicy
}

/** Milliseconds that `close` waits for the provider's signature and the chain. */
const CLOSE_TIMEOUT = 30_000

const decoder = new TextDecoder()

/** Takes charge of an open lease. */
export function holdLease(client: MillraceClient, parameters: HoldParameters): HeldLease {
  const { lease, program } = parameters
  const { id, terms } = lease
  const hub = hubOf(client)
  const ledger = new LeaseLedger(terms)
  const vouchers = vouchersOf(client, id)
  const running = new Set<Promise<unknown>>()
  const waiting = new Map<Hex, (job: JobView) => void>()
  let next = 0
  let closed: Promise<LeaseEnd> | undefined

  const stop = hub.listen({
    onEvent: (event) => tell(event),
    // After a break some event may be gone for good: ask for every job that is waited for.
    onOpen: () => {
      for (const job of waiting.keys()) getJob(client, { job }).then(take, () => {})
    },
  })

  function tell(event: MarketEvent): void {
    if (event.lease === id && isJobEvent(event)) take(event.data)
  }

  function take(job: JobView): void {
    if (job.result || hasReached(job, 'end')) waiting.get(job.id)?.(job)
  }

  async function runOne(options: LeaseJobParameters): Promise<LeaseJobReport> {
    const { fuel = terms.maxFuel, outputMax = parameters.outputMax, signal, timeout } = options
    const progress = teller(client, options.onPhase)
    const input = inputBytes(options)
    ledger.promise(fuel)
    let promised = true
    try {
      const job = { programRoot: program.root, input: commit(input), fuel, outputMax, deadline: terms.end }
      const ticket: Ticket = { lease: id, index: next++, job }
      const view = await finish(ticket, input, { signal, timeout })
      const rerun = (options.verify ?? parameters.verify) ? { program, input } : undefined
      const { deposit } = parameters
      const outcome = await checkJob(client, { job: view, lease, rerun, deposit, tell: progress, signal })
      const before = ledger.owed
      ledger.fulfil(fuel, outcome.fuelUsed)
      promised = false
      vouchers.owe(ledger.owed)
      const { status, trap, exitCode, stdout, stderr, files, folders, fuelUsed } = outcome
      return {
        ...{ id: view.id, status, trap, exitCode, fuelUsed, output: { stdout, stderr }, files, folders },
        stdout: decoder.decode(stdout),
        stderr: decoder.decode(stderr),
        owed: ledger.owed - before,
      }
    } catch (error) {
      if (promised && error instanceof JobFailedError) ledger.release(fuel)
      throw error
    }
  }

  /** Hands a ticket in and waits for its result. */
  async function finish(
    ticket: Ticket,
    input: Uint8Array,
    options: { signal?: AbortSignal; timeout?: number },
  ): Promise<JobView> {
    const job = ticketHash(ticket)
    const inline = input.length <= parameters.inlineBytes
    if (!inline) await putBlob(client, { bytes: input, kind: 'data', root: ticket.job.input })
    // Listening begins before the ticket is out: the result may be faster than the answer to the request.
    const refused = new AbortController()
    const result = waitFor<JobView>({
      what: `Job ${job}`,
      timeout: options.timeout,
      signal: options.signal ? AbortSignal.any([options.signal, refused.signal]) : refused.signal,
      listen: ({ onEvent }) => {
        waiting.set(job, (view) => onEvent({ type: 'job.result', data: view } as MarketEvent))
        return () => waiting.delete(job)
      },
      match: (event) => resultOf(event.data as JobView),
    })
    submitTicket(client, { ticket, input: inline ? input : undefined, signal: options.signal }).then(
      (view) => take(view),
      (error) => refused.abort(error),
    )
    return result
  }

  async function end({ timeout = CLOSE_TIMEOUT, signal }: { timeout?: number; signal?: AbortSignal }) {
    await Promise.allSettled(running)
    try {
      if (ledger.owed > 0n) vouchers.owe(ledger.owed)
      await vouchers.settled()
      const ended = waitForEnd(client, id, { timeout, signal })
      ended.catch(() => {})
      await submitClose(client, {
        lease: id,
        owed: ledger.owed,
        until: terms.end + terms.grace,
        by: 'tasker',
        signal,
      })
      const { lease: view } = await ended
      return { paid: costOf(terms, view.paid), settled: true }
    } catch (error) {
      if (error instanceof TimeoutError) return { paid: costOf(terms, ledger.owed), settled: false }
      throw error
    } finally {
      stop()
    }
  }

  const held: HeldLease = {
    id,
    terms,
    provider: terms.provider,
    get left() {
      return ledger.left
    },
    get owed() {
      return ledger.owed
    },
    run(options = {}) {
      const job = runOne(options)
      running.add(job)
      const done = () => running.delete(job)
      job.then(done, done)
      return job
    },
    close: (options = {}) => (closed ??= end(options)),
    [Symbol.asyncDispose]: async () => {
      await held.close()
    },
  }
  return held
}

function resultOf(job: JobView): JobView | undefined {
  if (job.result) return job
  if (!hasReached(job, 'end')) return undefined
  const reason = job.reason ?? job.state
  throw new JobFailedError(
    `Job ${job.id} ended without a result: ${reason}.`,
    { job: job.id, lease: job.lease, reason },
    true,
  )
}
