/** The Millrace client for taskers, providers and arbiters: Node and browsers. */
export * from './actions/index.ts'
export type * from './api/index.ts'
export * from './calls/index.ts'
export { accountFromWallet, type MillraceAccount, type SendingAccount } from './client/account.ts'
export { type Chain, getChain, getChainTime, getDomain } from './client/chain.ts'
export {
  type ClientOptions,
  createMillraceClient,
  type MillraceClient,
  type Runner,
  type TracerOpener,
} from './client/client.ts'
export { firstBlockSince, logsBetween } from './client/logs.ts'
export { estimateGas, type SentTransaction, type TransactOptions, transact } from './client/transact.ts'
export type { WaitOptions } from './client/waitFor.ts'
export * from './documents/index.ts'
export * from './errors/index.ts'
export { type ConnectOptions, connect, type Millrace, type Price } from './millrace/connect.ts'
export type { DepositPolicy } from './millrace/funding.ts'
export { type InputOptions, inputBytes } from './millrace/input.ts'
export type { HeldLease, LeaseEnd, LeaseJobParameters, LeaseJobReport } from './millrace/lease.ts'
export { LeaseExhaustedError } from './millrace/ledger.ts'
export { type BidParameters, bidOf } from './millrace/offer.ts'
export { type LeaseParameters, openLease } from './millrace/openLease.ts'
export type { Verify } from './millrace/options.ts'
export type { OnPhase, Phase, PhaseName } from './millrace/phase.ts'
export { type QuoteJobParameters, quoteJob } from './millrace/quoteJob.ts'
export { type JobReport, type ResumeParameters, resume, run } from './millrace/run.ts'
export type { RunParameters } from './millrace/submitJob.ts'
export { BadAmountError, formatAmount, parseAmount } from './money.ts'
export * from './proof/index.ts'
