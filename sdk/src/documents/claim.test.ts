import fc from 'fast-check'
import { encodeAbiParameters, type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { type ClaimedResult, claimLeaf, claimTree, type Sibling } from './claim.ts'
import { hashResult } from './result.ts'

const hash = `0x${'ab'.repeat(32)}` as const
const NODE = keccak256(stringToHex('millrace.claim.node.v1'))

/** `ClaimTree.holds` of the contracts, word by word. */
function fold(leaf: Sibling, index: number, path: Sibling[]): Sibling {
  return path.reduce((below, beside, level) => {
    const [left, right] = (index >> level) & 1 ? [beside, below] : [below, beside]
    const words = ['bytes32', 'bytes32', 'uint256', 'bytes32', 'uint256'].map((type) => ({ type }))
    const values = [NODE, left.hash, left.sum, right.hash, right.sum]
    return { hash: keccak256(encodeAbiParameters(words, values)), sum: below.sum + beside.sum }
  }, leaf)
}

const claimed = (index: number, amount: bigint): ClaimedResult => ({
  index,
  amount,
  result: { ticket: hash, status: 0, fuelUsed: BigInt(index), output: hash },
})

describe('claimTree', () => {
  it('every leaf leads to the root and the sum, skipped ones too', () => {
    const amounts = fc.array(fc.option(fc.bigInt({ min: 0n, max: 2n ** 90n })), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(amounts, (list) => {
        const results = list.flatMap((amount, index) => (amount === null ? [] : [claimed(index, amount)]))
        fc.pre(results.length > 0)
        const tree = claimTree(results)
        expect(tree.count).toBe(results.at(-1)!.index + 1)
        const places = 2 ** tree.pathOf(0).length
        expect(places >= tree.count && (places === 1 || places / 2 < tree.count)).toBe(true)
        for (let index = 0; index < places; index++) {
          const found = results.find((result) => result.index === index)
          const leaf: Sibling = found
            ? { hash: claimLeaf(hashResult(found.result), found.amount), sum: found.amount }
            : { hash: zeroHash, sum: 0n }
          expect(fold(leaf, index, tree.pathOf(index))).toEqual({ hash: tree.root as Hex, sum: tree.sum })
        }
      }),
      { numRuns: 20 },
    )
  })

  it('of one result is its leaf', () => {
    const [only] = [claimed(0, 5n)]
    expect(claimTree([only])).toMatchObject({
      root: claimLeaf(hashResult(only.result), 5n),
      count: 1,
      sum: 5n,
    })
  })

  it('refuses nothing at all, an index twice, and a place that is not there', () => {
    expect(() => claimTree([])).toThrow(RangeError)
    expect(() => claimTree([claimed(3, 1n), claimed(3, 2n)])).toThrow('claimed twice')
    expect(() => claimTree([claimed(2 ** 20, 1n)])).toThrow(RangeError)
    expect(() => claimTree([claimed(2, 1n)]).pathOf(4)).toThrow(RangeError)
  })
})
