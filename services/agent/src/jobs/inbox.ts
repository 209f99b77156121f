/** Takes jobs as they come, each once at a time, and retries what may pass. */
import { setTimeout as delay } from 'node:timers/promises'
import { amountOf, type JobView } from '@millrace/sdk'
import type { Hex } from 'viem'
import type { JobRow } from '../journal/journal.ts'
import { type OutboxDeps, tellEnd } from './outbox.ts'
import { isRetryable } from './retryable.ts'
import { type ServeDeps, serveJob } from './serve.ts'

export interface InboxStatus {
  readonly running: number
  readonly ran: number
  readonly declined: number
}

export interface Inbox {
  /** Takes a job, unless it is known already. */
  take(view: JobView): void
  /** Takes a job that the matcher lists as waiting now: one that was told must be told again. */
  recover(view: JobView): void
  /** Tells the matcher what it has yet to hear, from before a restart or an outage. */
  flush(): void
  /** No new jobs from now on; resolves when those that run have ended and were told. */
  drain(): Promise<void>
  status(): InboxStatus
}

/** First pause of a retry, and the longest. */
const RETRY_MS = { first: 250, most: 15_000 } as const

/** How often what may pass is tried for one job before it waits for the next restart or event. */
const TRIES = 20

export function createInbox(
  deps: ServeDeps & OutboxDeps,
  onEnd: (job: JobRow) => void,
  signal: AbortSignal,
): Inbox {
  const { journal, log } = deps
  const busy = new Map<Hex, Promise<void>>()
  const counts = { ran: 0, declined: 0 }
  let draining = false

  /** Runs `work` for one job at a time, again while that may help. */
  const once = (id: Hex, work: () => Promise<void>) => {
    if (busy.has(id)) return
    const done = retrying(id, work).finally(() => busy.delete(id))
    busy.set(id, done)
  }

  const retrying = async (id: Hex, work: () => Promise<void>) => {
    let pause: number = RETRY_MS.first
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted) return
        const last = !isRetryable(error) || attempt === TRIES
        log[last ? 'error' : 'warn'](
          { job: id, err: error },
          last ? 'the job is left for now' : 'retrying the job',
        )
        if (last) return
        await delay(pause, undefined, { signal }).catch(() => {})
        pause = Math.min(pause * 2, RETRY_MS.most)
      }
    }
  }

  const finish = async (id: Hex) => {
    await tellEnd(id, deps)
    const job = journal.job(id)
    if (!job || job.state === 'taken') return
    counts[job.state]++
    const { state, reason, detail } = job
    const end = state === 'ran' ? { earned: earnedBy(job), trap: detail } : { reason, detail }
    log.info({ job: id, state, ...end }, 'job ended')
    onEnd(job)
  }

  /** Base units. */
  const earnedBy = ({ id, lease }: JobRow): string => {
    const { terms } = journal.lease(lease)!
    return amountOf(terms.price, journal.result(id)!.fuelUsed, terms.jobFuel).toString()
  }

  const take = (view: JobView) => {
    const known = journal.job(view.id)
    const waits = view.state === 'queued' || view.state === 'dispatched' || view.state === 'accepted'
    if (!waits || known?.told || (draining && !known)) return
    once(view.id, async () => {
      await serveJob(view, deps)
      await finish(view.id)
    })
  }

  return {
    take,
    recover: (view) => {
      if (journal.job(view.id)?.told && !busy.has(view.id)) journal.setTold(view.id, false)
      take(view)
    },
    flush: () => {
      for (const job of journal.pendingJobs()) if (job.state !== 'taken') once(job.id, () => finish(job.id))
    },
    drain: async () => {
      draining = true
      while (busy.size > 0) await Promise.all(busy.values())
    },
    status: () => ({ running: busy.size, ...counts }),
  }
}
