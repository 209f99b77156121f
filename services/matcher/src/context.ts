import type { DocumentSigner, Domain } from '@millrace/sdk'
import type { Hex, PublicClient } from 'viem'
import type { BlobStore } from './blobs/store.ts'
import type { Book } from './book/book.ts'
import type { AskEntry } from './book/entry.ts'
import type { Situation } from './book/misfit.ts'
import type { WhyNot } from './book/why.ts'
import type { Contracts } from './chain/contracts.ts'
import type { ChainClock } from './clock.ts'
import type { Config } from './config.ts'
import type { Hub } from './events/hub.ts'
import type { Funds } from './funds/funds.ts'
import type { Debts } from './jobs/debt.ts'
import type { Logger } from './observe/log.ts'
import type { Metrics } from './observe/metrics.ts'
import type { Queues } from './queues/queues.ts'
import type { Committer } from './store/committer.ts'
import type { Database } from './store/database.ts'
import type { Recent } from './store/recent.ts'
import type { Room } from './store/room.ts'

/** What the matcher's parts share. */
export interface Context {
  config: Config
  contracts: Contracts
  chainId: number
  /** Of signed documents. */
  domain: Domain
  client: PublicClient
  /** Signs receipts of delivery. */
  store: Required<DocumentSigner>
  db: Database
  committer: Committer
  room: Room
  hub: Hub
  book: Book
  funds: Funds
  blobs: BlobStore
  queues: Queues
  clock: ChainClock
  /** The newest block that was read. */
  head: { number: number; baseFee: bigint; isDown: boolean }
  matching: Matching
  debts: Debts
  recent: Recent
  log: Logger
  metrics: Metrics
}

/** What others ask of `orders/matching.ts`, which itself needs all of the above. */
interface Matching {
  /** Matches an order with all that it can be matched with now. Resolves to the number of pairs. */
  match(digest: Hex): Promise<number>
  /** Why an order of the book is not matched; undefined where it is not in the book. */
  whyNot(digest: Hex): Promise<WhyNot | undefined>
  /** The time, and the money of those who ask. */
  situation(asks: readonly AskEntry[]): Promise<Situation>
}
