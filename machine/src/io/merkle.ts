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
  let level = toLeaves(bytes)
  for (let depth = treeDepth(bytes.length); depth > 0; depth--) level = parents(level)
  return level.slice(0, LEAF_BYTES)
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
  let level = toLeaves(bytes)
  for (let height = 0; height < depth; height++) {
    path.push(wordAt(level, Math.floor(index / 2 ** height) ^ 1))
    level = parents(level)
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

/** The bytes as the lowest level: words, padded with zero words to whole pairs. */
function toLeaves(bytes: Uint8Array): Uint8Array {
  const leaves = new Uint8Array(wholePairs(bytes.length))
  leaves.set(bytes)
  return leaves
}

/** The level above, padded the same way. */
function parents(level: Uint8Array): Uint8Array {
  const above = new Uint8Array(wholePairs(level.length / 2))
  for (let at = 0; at < level.length; at += PAIR_BYTES) {
    const pair = level.subarray(at, at + PAIR_BYTES)
    if (!isZero(pair)) above.set(keccak256(pair), at / 2)
  }
  return above
}

/** Room for `length` bytes in whole pairs, at least one. */
function wholePairs(length: number): number {
  return Math.max(1, Math.ceil(length / PAIR_BYTES)) * PAIR_BYTES
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
