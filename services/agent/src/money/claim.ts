/** The claim over a lease's results, built from the journal: the same tree whenever it is asked for. */
import { type ClaimSummary, type ClaimTree, claimTree } from '@millrace/sdk'
import type { Hex } from 'viem'
import type { EarnedResult, Journal } from '../journal/journal.ts'
import { freeze } from '../journal/values.ts'

export interface BuiltClaim {
  readonly claim: ClaimSummary
  readonly tree: ClaimTree
  readonly results: readonly EarnedResult[]
}

/** The claim over the results at `indexes`, or over all that there are. */
export function buildClaim(journal: Journal, lease: Hex, indexes?: readonly number[]): BuiltClaim {
  const wanted = indexes && new Set(indexes)
  const results = journal.results(lease).filter((each) => !wanted || wanted.has(each.index))
  const tree = claimTree(results.map(({ index, result, amount }) => ({ index, result, amount })))
  const { root, count, sum } = tree
  return { claim: { root, count, sum }, tree, results }
}

/** The leaves as a blob that anyone can check against the root: what a challenger looks through. */
export function encodeLeaves(results: readonly EarnedResult[]): Uint8Array {
  const leaves = results.map(({ index, ticket, signature, result, amount }) => ({
    index,
    ticket,
    ...(signature ? { signature } : {}),
    result,
    amount,
  }))
  return new TextEncoder().encode(freeze(leaves))
}
