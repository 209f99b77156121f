/** From a bid in the book to its job's result: what events tell, and what is read when they may have been missed. */
import type { Hex } from 'viem'
import { confirmLease } from '../actions/confirmLease.ts'
import { getJob } from '../actions/jobs.ts'
import { getLease } from '../actions/leases.ts'
import { getOrder } from '../actions/orders.ts'
import { hasReached } from '../actions/waitForJob.ts'
import { isJobEvent } from '../actions/watchJobs.ts'
import type { MarketEvent } from '../api/event.ts'
import type { JobView } from '../api/job.ts'
import type { LeaseView } from '../api/lease.ts'
import type { OrderView } from '../api/order.ts'
import type { MillraceClient } from '../client/client.ts'
import { hubOf } from '../client/hub.ts'
import { type WaitOptions, waitFor } from '../client/waitFor.ts'
import { JobFailedError } from '../errors/client.ts'
import type { Tell } from './progress.ts'
import type { SubmittedJob } from './submitJob.ts'

export interface AwaitResultParameters extends WaitOptions {
  order: SubmittedJob
  tell: Tell
}

export interface FinishedJob {
  job: JobView
  lease: LeaseView
}

/** Waits for the result of the job that a bid carries, over as many attempts as the bid grants. */
export async function awaitResult(
  client: MillraceClient,
  { order, tell, ...options }: AwaitResultParameters,
): Promise<FinishedJob> {
  const attempts = new Attempts(order, tell)
  const job = await waitFor<JobView>({
    ...options,
    what: `The job of bid ${order.digest}`,
    listen: hubOf(client).listen,
    match: (event) => attempts.take(event),
    read: async () => {
      const view = await getOrder(client, { digest: order.digest })
      const jobs = await Promise.all(view.jobs.map((id) => getJob(client, { job: id })))
      return jobs.map((view) => attempts.takeJob(view)).find(Boolean) ?? attempts.takeOrder(view)
    },
  })
  const lease = attempts.lease(job.lease) ?? (await getLease(client, { lease: job.lease }))
  await confirmLease(client, { lease: lease.id, terms: lease.terms, bid: order.digest })
  return { job, lease }
}

/** What is known of one bid's attempts. Everything may be told twice, and in another order. */
class Attempts {
  readonly #order: SubmittedJob
  readonly #tell: Tell
  readonly #leases = new Map<Hex, LeaseView>()
  readonly #failed = new Set<Hex>()
  readonly #told = new Set<string>()

  constructor(order: SubmittedJob, tell: Tell) {
    this.#order = order
    this.#tell = tell
  }

  lease(id: Hex): LeaseView | undefined {
    return this.#leases.get(id)
  }

  /** The job with its result, once there is one. Throws when there will be none. */
  take(event: MarketEvent): JobView | undefined {
    if (isJobEvent(event))
      return event.data.order === this.#order.digest ? this.takeJob(event.data) : undefined
    if (event.type.startsWith('lease.')) this.#takeLease(event.data as LeaseView, event.tx)
    if (event.order !== this.#order.digest) return undefined
    if (event.type === 'order.unmatched') this.#tell('unmatched', event.data)
    if (event.type === 'order.matched') this.#once('matched', 'matched', { order: this.#order.digest })
    if (event.type === 'order.expired' || event.type === 'order.cancelled') this.takeOrder(event.data)
    return undefined
  }

  takeJob(job: JobView): JobView | undefined {
    if (job.state === 'accepted')
      this.#once(`run ${job.id}`, 'running', { job: job.id, provider: job.provider })
    if (job.result) {
      const { status, fuelUsed } = job.result.result
      this.#once(`result ${job.id}`, 'finished', { job: job.id, lease: job.lease, status, fuelUsed })
      return job
    }
    if (hasReached(job, 'end')) this.#fail(job)
    return undefined
  }

  /** An order that ended has no attempt left. */
  takeOrder({ status }: OrderView): undefined {
    if (status !== 'expired' && status !== 'cancelled') return
    const facts = { order: this.#order.digest, reason: status }
    throw new JobFailedError(`Bid ${facts.order} is ${status}, and its job has no result.`, facts, false)
  }

  #takeLease(lease: LeaseView, tx?: Hex): void {
    if (lease.terms?.bid !== this.#order.digest) return
    this.#leases.set(lease.id, lease)
    if (lease.state !== 'open') return
    const { provider, collateral } = lease.terms
    const gas = lease.txs.find((one) => one.tx === tx)?.gas
    this.#once(`open ${lease.id}`, 'leased', { lease: lease.id, provider, collateral }, { tx, gas })
  }

  /** An attempt gave nothing. The last one ends the waiting. */
  #fail(job: JobView): void {
    if (this.#failed.has(job.id)) return
    this.#failed.add(job.id)
    const { attempts } = this.#order.bid
    const reason = job.reason ?? job.state
    const facts = { order: this.#order.digest, job: job.id, lease: job.lease, reason }
    this.#tell('failed', { ...facts, provider: job.provider, left: attempts - this.#failed.size })
    if (this.#failed.size < attempts) return
    throw new JobFailedError(`Job ${job.id} ended without a result: ${reason}.`, facts, true)
  }

  #once(key: string, ...told: Parameters<Tell>): void {
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#tell(...told)
  }
}
