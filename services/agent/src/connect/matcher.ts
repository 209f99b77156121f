/** The matcher over the SDK. */
import { fetchBytes } from '@millrace/runner'
import {
  cancelOrder,
  declineJob,
  getJob,
  getLease,
  getMarket,
  getOrder,
  type JobState,
  type JobView,
  type LeaseState,
  type LeaseView,
  listJobs,
  listLeases,
  type MillraceClient,
  ProblemError,
  putBlob,
  submitAcceptance,
  submitAsk,
  submitClose,
  submitResult,
  watchEvents,
} from '@millrace/sdk'
import type { Address } from 'viem'
import type { MatcherPort } from '../ports.ts'

const OPEN_JOBS: readonly JobState[] = ['queued', 'dispatched', 'accepted']
const LIVE_LEASES: readonly LeaseState[] = ['open', 'stopped', 'claimed', 'declined', 'unclaimed']

export async function connectMatcher(client: MillraceClient, account: Address): Promise<MatcherPort> {
  const market = await getMarket(client)
  return {
    market,
    postAsk: (ask, schemes) => submitAsk(client, { ask, schemes: [...schemes] }),
    getAsk: async (digest) => {
      const view = await unlessMissing(getOrder(client, { digest }))
      return view?.kind === 'ask' ? view : undefined
    },
    cancelAsk: async (digest) => void (await unlessMissing(cancelOrder(client, { digest }))),
    lease: (lease) => getLease(client, { lease }),
    liveLeases: async () => {
      const pages = await Promise.all(LIVE_LEASES.map((state) => listLeases(client, { account, state })))
      return pages.flat().filter((lease: LeaseView) => lease.terms.provider === account)
    },
    job: (job) => getJob(client, { job }),
    openJobs: async () => {
      const found: JobView[] = []
      for (const state of OPEN_JOBS) {
        let cursor: string | undefined
        do {
          const page = await listJobs(client, { account, state, cursor })
          found.push(...page.jobs.filter((job) => job.provider === account))
          cursor = page.cursor
        } while (cursor)
      }
      // Newest first is how they come; the oldest is owed first.
      return found.reverse()
    },
    fetchBlob: (root) => fetchBytes(client, `/v1/blobs/${root}`, market.limits.blobBytes),
    putData: async (root, bytes) => void (await putBlob(client, { root, bytes, kind: 'data' })),
    accept: async (job) => void (await submitAcceptance(client, { job })),
    decline: async (job, reason, detail) => void (await declineJob(client, { job, reason, detail })),
    postResult: async (submission) => (await submitResult(client, submission)).receipt,
    postClose: async (close) => void (await submitClose(client, { ...close, by: 'provider' })),
    watch: (options) => watchEvents(client, { account, ...options }),
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return undefined
    throw error
  }
}
