import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { type Address, concatHex, type Hex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Scheme, schemeLeaf, schemeProof, schemesRoot } from './scheme.ts'

const schemes: Scheme[] = Array.from({ length: 5 }, (_, i) => ({
  scheme: `0x${'11'.repeat(20)}` as Address,
  arbiter: `0x${`2${i}`.repeat(20)}` as Address,
  arbiterFee: BigInt(i),
  machineVersion: 1,
  taskerShare: 5_000,
  winnerShare: 1_000,
}))

/** OpenZeppelin's `MerkleProof.verify`: pairs are sorted. */
const fold = (leaf: Hex, proof: Hex[]): Hex =>
  proof.reduce(
    (below, beside) => keccak256(concatHex(below < beside ? [below, beside] : [beside, below])),
    leaf,
  )

describe('the tree of schemes', () => {
  it('proves each of its leaves', () => {
    for (const scheme of schemes) {
      expect(fold(schemeLeaf(scheme), schemeProof(schemes, scheme))).toBe(schemesRoot(schemes))
    }
  })

  it('has one root whatever the order, and its leaf for one scheme', () => {
    expect(schemesRoot(schemes.toReversed())).toBe(schemesRoot(schemes))
    expect(schemesRoot([schemes[0]!])).toBe(schemeLeaf(schemes[0]!))
    expect(schemeProof([schemes[0]!], schemes[0]!)).toEqual([])
  })

  it("is OpenZeppelin's, leaf for leaf", () => {
    for (let count = 1; count <= schemes.length; count++) {
      const some = schemes.slice(0, count)
      const tree = SimpleMerkleTree.of(some.map(schemeLeaf))
      expect(schemesRoot(some)).toBe(tree.root)
      for (const scheme of some) expect(schemeProof(some, scheme)).toEqual(tree.getProof(schemeLeaf(scheme)))
    }
  })

  it('refuses to prove a stranger', () => {
    expect(() => schemeProof(schemes.slice(1), schemes[0]!)).toThrow('no leaf')
    expect(() => schemesRoot([])).toThrow('at least one')
  })
})
