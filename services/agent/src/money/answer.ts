/** Answers what a tasker demands on chain: the papers come from the journal, the receipt from the matcher. */
import { type DocumentSigner, type Domain, signResult } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import type { EarnedResult, Journal, LeaseRow } from '../journal/journal.ts'
import type { ChainDemand, ChainPort, MatcherPort, SignedPapers } from '../ports.ts'
import { buildClaim } from './claim.ts'
import { demandsToAnswer } from './decide.ts'
import { ON_CHAIN_BYTES } from './delivery.ts'

export interface AnswerDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly chain: ChainPort
  readonly key: DocumentSigner
  readonly domain: Domain
  readonly log: Logger
}

/** Answers every open demand of a lease, the most urgent first. One that fails does not hold up the others. */
export async function answerDemands(lease: LeaseRow, now: bigint, deps: AnswerDeps): Promise<void> {
  const demands = demandsToAnswer(await deps.chain.demands(lease.id, lease.terms), now) as ChainDemand[]
  for (const demand of demands) {
    try {
      const tx = await answer(lease, demand, deps)
      deps.log.info({ lease: lease.id, index: demand.index, kind: demand.kind, tx }, 'answered a demand')
    } catch (error) {
      deps.log.error(
        { lease: lease.id, index: demand.index, err: error },
        'a demand could not be answered yet',
      )
    }
  }
}

async function answer(lease: LeaseRow, demand: ChainDemand, deps: AnswerDeps): Promise<string> {
  const { chain, journal } = deps
  if (demand.kind === 'delivery') {
    const found = journal.results(lease.id).find((each) => each.result.ticket === demand.ticket)
    if (!found) throw new Error('The job has no result.')
    return chain.answerDelivery(lease.terms, await papersOf(found, deps))
  }
  const { claim, tree, results } = buildClaim(journal, lease.id, lease.claim)
  const found = results.find((each) => each.index === demand.index)
  const path = tree.pathOf(demand.index)
  if (!found) return chain.answerSkipped(lease.terms, claim, demand.index, path)
  return chain.answerLeaf(lease.terms, claim, await papersOf(found, deps), path)
}

/** The store's receipt: kept since the result was sent, or asked for now. */
export async function receiptOf(
  ticket: Hex,
  journal: Journal,
  matcher: MatcherPort,
): Promise<Hex | undefined> {
  const kept = journal.receipt(ticket)
  if (kept) return kept
  const receipt = await matcher.job(ticket).then(
    (job) => job.receipt,
    () => undefined,
  )
  if (receipt) journal.keepReceipt(ticket, receipt)
  return receipt
}

async function papersOf(
  found: EarnedResult,
  { journal, matcher, key, domain }: AnswerDeps,
): Promise<SignedPapers> {
  const output = journal.output(found.result.output)
  const short = output !== undefined && output.length <= ON_CHAIN_BYTES
  return {
    ticket: found.ticket,
    ticketSignature: found.signature,
    result: found.result,
    resultSignature: await signResult(key, domain, found.result),
    // Without the receipt a short output goes on chain itself.
    receipt: await receiptOf(found.result.ticket, journal, matcher),
    output: short ? output : undefined,
  }
}
