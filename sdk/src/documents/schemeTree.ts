/**
 * The Merkle tree over the schemes that an ask accepts: OpenZeppelin's standard tree, which their library for
 * JavaScript makes too (`schemeTree.test.ts` compares). It is written out here because that library brings a
 * hundred kilobytes of ABI tools to a browser, for twenty lines.
 *
 * Leaves are sorted and stand, from the last place backwards, at the end of a complete binary tree in an array;
 * a node is the keccak of its children, the smaller first.
 */
import { concatHex, type Hex, keccak256 } from 'viem'

/** The tree, root first. */
export function schemeTree(leaves: readonly Hex[]): Hex[] {
  if (leaves.length === 0) throw new RangeError('An ask accepts at least one scheme.')
  const tree: Hex[] = new Array(2 * leaves.length - 1)
  const sorted = [...leaves].sort()
  for (const [place, leaf] of sorted.entries()) tree[tree.length - 1 - place] = leaf
  for (let at = leaves.length - 2; at >= 0; at--) tree[at] = hashPair(tree[2 * at + 1]!, tree[2 * at + 2]!)
  return tree
}

/** The siblings of a leaf, from it to the root. Throws where the tree has no such leaf. */
export function proofIn(tree: readonly Hex[], leaf: Hex): Hex[] {
  let at = tree.lastIndexOf(leaf)
  if (at < (tree.length - 1) / 2) throw new RangeError(`The tree has no leaf ${leaf}.`)
  const proof: Hex[] = []
  for (; at > 0; at = (at - 1) >> 1) proof.push(tree[at % 2 === 0 ? at - 1 : at + 1]!)
  return proof
}

function hashPair(a: Hex, b: Hex): Hex {
  return keccak256(concatHex(a < b ? [a, b] : [b, a]))
}
