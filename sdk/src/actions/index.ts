export * from '../client/getMarket.ts'
export * from './blobs.ts'
export * from './confirmLease.ts'
export * from './deposit.ts'
export * from './disputes.ts'
export * from './getFunds.ts'
export * from './getQuote.ts'
export * from './jobs.ts'
export * from './leases.ts'
export * from './orders.ts'
export {
  type ChainCase,
  disputeId,
  inconsistency,
  type KnownCase,
  readCase,
  readCaseSlot,
  readUnsettled,
  refuseMoot,
} from './readCase.ts'
export * from './submitAsk.ts'
export * from './submitBid.ts'
export * from './transactions.ts'
export * from './verifyResult.ts'
export * from './waitForDispute.ts'
export * from './waitForJob.ts'
export * from './watchEvents.ts'
export { type JobEvent, type WatchJobsParameters, watchJobs } from './watchJobs.ts'
