/**
 * The Merkle-sum tree over all results of a lease, as `ClaimTree` of the contracts checks it. A leaf's place is
 * its ticket's index; skipped tickets and the places past the last one are the zero leaf of sum 0.
 */
import { encodeAbiParameters, type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import { hashResult, type Result } from './result.ts'

/** What the chain is told of a claim. */
export interface ClaimSummary {
  root: Hex
  /** Places used, skipped ones included. */
  count: number
  /** Of all amounts. */
  sum: bigint
}

/** What stands beside a leaf or a node on its way up. */
export interface Sibling {
  hash: Hex
  sum: bigint
}

/** A result at the index of its ticket, with what it earns. */
export interface ClaimedResult {
  index: number
  result: Result
  amount: bigint
}

export interface ClaimTree extends ClaimSummary {
  /** From the leaf upwards. */
  pathOf(index: number): Sibling[]
}

const LEAF_TAG = keccak256(stringToHex('millrace.claim.leaf.v1'))
const NODE_TAG = keccak256(stringToHex('millrace.claim.node.v1'))
const SKIPPED: Sibling = { hash: zeroHash, sum: 0n }

/** @throws {RangeError} for an index twice, or none at all, or more than 2^20 places */
export function claimTree(results: readonly ClaimedResult[]): ClaimTree {
  const count = results.reduce((most, { index }) => Math.max(most, index + 1), 0)
  if (count === 0 || count > 2 ** 20) throw new RangeError(`A claim has 1 to 1,048,576 places, not ${count}.`)

  const leaves: Sibling[] = new Array(2 ** Math.ceil(Math.log2(count))).fill(SKIPPED)
  for (const { index, result, amount } of results) {
    if (leaves[index] !== SKIPPED) throw new RangeError(`Index ${index} is claimed twice.`)
    leaves[index] = { hash: claimLeaf(hashResult(result), amount), sum: amount }
  }

  const levels = [leaves]
  while (levels.at(-1)!.length > 1) levels.push(parents(levels.at(-1)!))
  const { hash: root, sum } = levels.at(-1)![0]!
  return { root, count, sum, pathOf: (index) => pathOf(levels, index) }
}

/** The leaf of a result's struct hash. */
export function claimLeaf(result: Hex, amount: bigint): Hex {
  return hashWords(LEAF_TAG, result, amount)
}

function parents(level: readonly Sibling[]): Sibling[] {
  return Array.from({ length: level.length / 2 }, (_, at) => {
    const [left, right] = [level[2 * at]!, level[2 * at + 1]!]
    return {
      hash: hashWords(NODE_TAG, left.hash, left.sum, right.hash, right.sum),
      sum: left.sum + right.sum,
    }
  })
}

function pathOf(levels: readonly (readonly Sibling[])[], index: number): Sibling[] {
  if (!levels[0]![index]) throw new RangeError(`The claim has no place ${index}.`)
  return levels.slice(0, -1).map((level, height) => level[(index >> height) ^ 1]!)
}

function hashWords(...words: (Hex | bigint)[]): Hex {
  return keccak256(
    encodeAbiParameters(
      words.map((word) => ({ type: typeof word === 'bigint' ? 'uint256' : 'bytes32' })),
      words,
    ),
  )
}
