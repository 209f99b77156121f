/**
 * The Merkle tree that commits to bytes, in a shape that Solidity can recompute.
 *
 * - A **leaf** is 32 raw bytes, the last one padded with zeros on the right. Leaves are not hashed.
 * - A **node** is `keccak256(left ‖ right)`, except that **a node over two zero words is the zero word**. An
 *   empty subtree is therefore zero at every height, and padding the tree up to a power of two is free.
 * - The **depth** is the least `d` with `32 · 2^d ≥ length`; the root of at most 32 bytes is the leaf itself,
 *   and that of no bytes is zero.
 *
 * On its own a root says nothing about the length, and a leaf of zeros is an empty subtree. Whoever commits to
 * bytes binds the length as well, which fixes the depth: see `commitment.ts`.
 */
import { keccak256 } from './hash.ts'
import { hashTree, leaves, MOST_LEVELS, nodesOf, rootOf } from './hashTree.ts'

export const LEAF_BYTES = 32

const PAIR_BYTES = 2 * LEAF_BYTES

/** Height of the tree over `length` bytes. */
export function treeDepth(length: number): number {
  let depth = 0
  for (let covered = LEAF_BYTES; covered < length; covered *= 2) depth++
  return depth
}

/** Root of the tree over `bytes`. */
export function merkleRoot(bytes: Uint8Array): Uint8Array {
  let level = bytes
  for (const levels of strides(treeDepth(bytes.length))) level = rootsOver(level, levels)
  return wordAt(level, 0)
}

/**
 * Siblings of leaf `index` from the leaf upwards, one for each level: what somebody needs to check the leaf
 * against the root.
 */
export function merklePath(bytes: Uint8Array, index: number): Uint8Array[] {
  const depth = treeDepth(bytes.length)
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** depth) {
    throw new RangeError(`Leaf ${index} is outside a tree of ${2 ** depth} leaves.`)
  }
  const path: Uint8Array[] = []
  let level = bytes
  let position = index
  for (const levels of strides(depth)) {
    const inTree = position % 2 ** levels
    position = Math.floor(position / 2 ** levels)
    hashOver(level, levels, position)
    for (let height = 0; height < levels; height++) {
      path.push(nodesOf(levels, height, Math.floor(inTree / 2 ** height) ^ 1))
    }
    level = rootsOver(level, levels)
  }
  return path
}

/** The root that follows from one leaf and its siblings. */
export function rootFromPath(leaf: Uint8Array, index: number, path: readonly Uint8Array[]): Uint8Array {
  let node = leaf
  let position = index
  for (const sibling of path) {
    node = position % 2 === 0 ? hashPair(node, sibling) : hashPair(sibling, node)
    position = Math.floor(position / 2)
  }
  return node
}

/** One node over two words. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(PAIR_BYTES)
  pair.set(left)
  pair.set(right, LEAF_BYTES)
  return isZero(pair) ? pair.slice(0, LEAF_BYTES) : keccak256(pair)
}

/** A tree's levels from the leaves up, as many at a time as are hashed at once. */
function strides(depth: number): number[] {
  return Array.from({ length: Math.ceil(depth / MOST_LEVELS) }, (_, i) =>
    Math.min(MOST_LEVELS, depth - i * MOST_LEVELS),
  )
}

/** The roots of the trees of so many levels over words that lie side by side. */
function rootsOver(words: Uint8Array, levels: number): Uint8Array {
  const roots = new Uint8Array(LEAF_BYTES * Math.ceil(words.length / (LEAF_BYTES * 2 ** levels)))
  for (let tree = 0; tree < roots.length / LEAF_BYTES; tree++) {
    hashOver(words, levels, tree)
    roots.set(rootOf(levels), LEAF_BYTES * tree)
  }
  return roots
}

/** Hashes one of these trees. */
function hashOver(words: Uint8Array, levels: number, tree: number): void {
  const length = LEAF_BYTES * 2 ** levels
  const part = words.subarray(length * tree, length * (tree + 1))
  leaves.set(part)
  leaves.fill(0, part.length, length)
  hashTree(levels)
}

function wordAt(level: Uint8Array, index: number): Uint8Array {
  const word = new Uint8Array(LEAF_BYTES)
  word.set(level.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES))
  return word
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}
