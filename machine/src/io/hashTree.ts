/** Nodes of Merkle trees, hashed by the tree at a time in WebAssembly made from `machine/keccak`. */
import { KECCAK } from './keccak.gen.ts'

const WORD = 32

/** Levels over the leaves of the largest tree that is hashed at once: 64 KiB of leaves. */
export const MOST_LEVELS = 11

interface Exports {
  readonly memory: WebAssembly.Memory
  nodes_address(): number
  tree(leaves: number): void
}

const { instance } = await WebAssembly.instantiate(
  Uint8Array.from(atob(KECCAK), (character) => character.charCodeAt(0)),
)
const exports = instance.exports as unknown as Exports
const nodes = new Uint8Array(exports.memory.buffer, exports.nodes_address(), 2 * WORD * 2 ** MOST_LEVELS)

/**
 * Where leaves are put before `hashTree`: the tree's lowest level. There is one such place for all: fill it, hash, and
 * take what is wanted before anything else hashes.
 */
export const leaves = nodes.subarray(0, WORD * 2 ** MOST_LEVELS)

let hashed: object | undefined
let bytes = 0

/** Hashes the tree over the first `2^levels` words of `leaves`. */
export function hashTree(levels: number, of?: object): void {
  exports.tree(2 ** levels)
  hashed = of
  bytes += WORD * 2 ** levels
}

/** Bytes of leaves that were hashed here since the beginning: for those who say what hashing costs. */
export function hashedBytes(): number {
  return bytes
}

/** Whether what was hashed last is the tree of this object, which never changes. */
export function isHashed(of: object): boolean {
  return hashed === of
}

/** Neighbouring nodes of the tree of so many levels that was just hashed, from node `index` of a level on. A copy. */
export function nodesOf(levels: number, level: number, index: number, count = 1): Uint8Array {
  // The levels below hold 2^levels + 2^(levels - 1) + … words.
  const at = WORD * (2 ** (levels + 1) - 2 ** (levels + 1 - level) + index)
  return nodes.slice(at, at + WORD * count)
}

/** The root of the tree that was just hashed. A copy. */
export function rootOf(levels: number): Uint8Array {
  return nodesOf(levels, levels, 0)
}
