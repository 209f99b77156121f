/**
 * What the agent needs of the world outside, as narrow as it uses it. `connect/` fills these in over the SDK;
 * everything else in this folder knows only these.
 */
import type {
  Ask,
  AskView,
  ClaimSummary,
  GameEnd,
  GameView,
  JobView,
  KnownCase,
  LeaseStatus,
  LeaseView,
  Market,
  MarketEvent,
  PlayedMove,
  Result,
  Scheme,
  Sibling,
  Terms,
  Ticket,
  Tracer,
} from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import type { Demand } from './money/decide.ts'

/** What a result goes out with. */
export interface ResultPosting {
  readonly result: Result
  /** The output, if it is short enough to go along. */
  readonly output?: Uint8Array
  /** The offer to close, in a job lease. */
  readonly close?: CloseOffer
  /** Why the program trapped: a note that is not signed. */
  readonly trap?: string
}

/** The provider's half of the end of a lease. Times are unix seconds. */
export interface CloseOffer {
  readonly lease: Hex
  readonly owed: bigint
  readonly until: bigint
}

export interface WatchOptions {
  /** What came after this event is replayed. */
  readonly lastEventId?: string
  onEvent(event: MarketEvent): void
  onError(error: Error): void
  /** From now on nothing is missed: what happened before is to be asked for now. */
  onOpen(): void
}

/**
 * The matcher. What is posted is signed on the way, always the same for the same document. Each call may throw
 * an error whose `retryable` says whether to try again.
 */
export interface MatcherPort {
  readonly market: Market
  postAsk(ask: Ask, schemes: readonly Scheme[]): Promise<AskView>
  /** Nothing where the matcher does not know the order. */
  getAsk(digest: Hex): Promise<AskView | undefined>
  cancelAsk(digest: Hex): Promise<void>
  lease(id: Hex): Promise<LeaseView>
  /** Leases of the provider that may still need something. */
  liveLeases(): Promise<LeaseView[]>
  job(id: Hex): Promise<JobView>
  /** Jobs of the provider that wait for it, the oldest first. */
  openJobs(): Promise<JobView[]>
  /** The bytes as they came: whose root they have is for the caller to find out. */
  fetchBlob(root: Hex): Promise<Uint8Array>
  putData(root: Hex, bytes: Uint8Array): Promise<void>
  accept(job: Hex): Promise<void>
  decline(job: Hex, reason: string, detail: string): Promise<void>
  /** Returns the store's receipt for the output. */
  postResult(posting: ResultPosting): Promise<Hex | undefined>
  postClose(close: CloseOffer): Promise<void>
  /** Watches what happens to the provider, through every break; returns what stops it. */
  watch(options: WatchOptions): () => void
}

/** A lease as the chain has it. */
export interface ChainLease {
  readonly status: LeaseStatus
  readonly paid: bigint
  readonly voided: bigint
  readonly stoppedAt: bigint
  readonly closedAt: bigint
  readonly openDisputes: number
  readonly openDemands: number
}

/** A demand, and for which of the two things. */
export type ChainDemand = Demand &
  ({ readonly kind: 'leaf' } | { readonly kind: 'delivery'; readonly ticket: Hex })

/** Ticket and result with what each is signed by. */
export interface SignedPapers {
  readonly ticket: Ticket
  readonly ticketSignature: Hex | undefined
  readonly result: Result
  readonly resultSignature: Hex
  /** The store's word that it has the output. */
  readonly receipt: Hex | undefined
  /** The output, where it is short enough for the chain. */
  readonly output: Uint8Array | undefined
}

/** The chain. Each change is sent, mined and succeeded when its promise resolves. */
export interface ChainPort {
  /** The time of a block that would be mined now, in unix seconds. */
  now(): Promise<bigint>
  lease(id: Hex, terms: Terms): Promise<ChainLease>
  /** Wei a unit of gas, in the last block. */
  baseFee(): Promise<bigint>
  /** Wei that the provider's account has for gas. */
  ether(): Promise<bigint>
  free(token: Address): Promise<bigint>
  redeem(terms: Terms, owed: bigint, signature: Hex): Promise<Hex>
  claim(terms: Terms, claim: ClaimSummary): Promise<Hex>
  decline(terms: Terms, reason: string): Promise<Hex>
  finalise(terms: Terms): Promise<Hex>
  demands(id: Hex, terms: Terms): Promise<ChainDemand[]>
  answerLeaf(terms: Terms, claim: ClaimSummary, papers: SignedPapers, path: readonly Sibling[]): Promise<Hex>
  answerSkipped(terms: Terms, claim: ClaimSummary, index: number, path: readonly Sibling[]): Promise<Hex>
  answerDelivery(terms: Terms, papers: SignedPapers): Promise<Hex>
}

/** A dispute over a result of this provider's, as the chain's log has it. */
export interface FoundCase {
  readonly id: Hex
  readonly lease: Hex
  /** The ticket's index in its lease. */
  readonly index: number
  /** Struct hash of the contested result. */
  readonly result: Hex
  readonly challenger: Address
  readonly bond: bigint
  /** Unix seconds: from then on no verdict counts. */
  readonly ruleBy: bigint
  /** Whether it is decided by proof; else an arbiter rules. */
  readonly provable: boolean
}

export interface PlayOptions {
  readonly caseId: Hex
  /** Asked only when a move needs it. */
  readonly tracer: Tracer
  readonly signal: AbortSignal
  /** What the case is about, where the journal has it; else the matcher is asked before it is settled. */
  readonly known: KnownCase | undefined
  /** The game as the chain has it, whenever that changed. */
  onView(view: GameView): void
  /** Each move of either side, once it is on chain, those of earlier days too. */
  onMove(move: PlayedMove, view: GameView): void
}

/** Disputes and their games, from the chain alone. */
export interface DisputePort {
  /**
   * Disputes of one's leases that are not settled.
   *
   * @param since unix seconds: when the oldest of these leases was opened
   */
  openCases(since: bigint, isOurs: (lease: Hex) => boolean): Promise<FoundCase[]>
  game(caseId: Hex): Promise<GameView>
  /** Plays the provider's side to the end and settles; may be begun again at any point. */
  play(options: PlayOptions): Promise<GameEnd>
}
