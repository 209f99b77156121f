import { expect, it } from 'vitest'
import { hashPair, merklePath, merkleRoot } from '../io/merkle.ts'
import { randomFrom } from '../random/random.ts'
import { RegionTree } from './regionTree.ts'
import type { Contents } from './state.ts'

const WORD = 32
const ZERO = new Uint8Array(WORD)

/** The tree as the specification words it: all leaves that are not zero by index, then level by level. */
class NaiveTree {
  readonly levels: Map<number, Uint8Array>[] = []

  constructor(depth: number, contents: Contents) {
    let level = new Map<number, Uint8Array>()
    for (const { leaf, bytes } of contents) {
      for (let at = 0; at < bytes.length; at += WORD) {
        const word = new Uint8Array(WORD)
        word.set(bytes.subarray(at, at + WORD))
        if (word.some((byte) => byte !== 0)) level.set(leaf + at / WORD, word)
      }
    }
    this.levels.push(level)
    for (let height = 0; height < depth; height++) {
      const above = new Map<number, Uint8Array>()
      for (const parent of new Set([...level.keys()].map((index) => Math.floor(index / 2)))) {
        above.set(parent, hashPair(level.get(2 * parent) ?? ZERO, level.get(2 * parent + 1) ?? ZERO))
      }
      this.levels.push(above)
      level = above
    }
  }

  node(level: number, index: number): Uint8Array {
    return this.levels[level]!.get(index) ?? ZERO
  }

  sibling(leaf: number, level: number): Uint8Array {
    const index = Math.floor(leaf / 2 ** level)
    return this.node(level, index % 2 === 0 ? index + 1 : index - 1)
  }
}

function expectSame(tree: RegionTree, contents: Contents, leaves: Iterable<number>, at: string): void {
  const naive = new NaiveTree(tree.depth, contents)
  expect(tree.root, `${at}: root`).toEqual(naive.node(tree.depth, 0))
  for (const leaf of leaves) {
    expect(tree.leaf(leaf), `${at}: leaf ${leaf}`).toEqual(naive.node(0, leaf))
    for (let level = 0; level < tree.depth; level++) {
      expect(tree.sibling(leaf, level), `${at}: level ${level} over leaf ${leaf}`).toEqual(
        naive.sibling(leaf, level),
      )
    }
  }
}

/** Random extents that share no leaf, often at the region's edges, at odd offsets in their buffers and of odd lengths. */
function randomContents(random: () => number, depth: number): Contents {
  const below = (limit: number): number => Math.floor(random() * limit)
  const size = 2 ** depth
  const starts = new Set<number>([
    below(size),
    below(Math.min(size, 600)),
    size - 1 - below(Math.min(size, 300)),
  ])
  if (random() < 0.5) starts.add(0)
  if (random() < 0.3) starts.add(size - 1)
  const ordered = [...starts].sort((a, b) => a - b)
  return ordered.flatMap((leaf, i) => {
    const room = WORD * ((ordered[i + 1] ?? size) - leaf)
    const bytes = new Uint8Array(below(Math.min(room, 20_000)) + below(9))
      .subarray(below(9))
      .subarray(0, room)
    // Some bytes are written, in some stretches; most pages stay zero.
    for (let n = below(4); n > 0 && bytes.length > 0; n--) {
      const from = below(bytes.length)
      for (let at = from; at < Math.min(bytes.length, from + below(300)); at++) bytes[at] = below(256)
    }
    return bytes.length === 0 ? [] : [{ leaf, bytes }]
  })
}

const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 2 ** 32)

it(`has the roots, leaves and siblings of a tree built from nothing (seed ${seed})`, () => {
  const random = randomFrom(seed)
  for (const depth of [0, 1, 5, 7, 8, 11, 12, 19, 27, 30]) {
    const tree = new RegionTree(depth)
    for (let round = 0; round < 6; round++) {
      const contents = randomContents(random, depth)
      tree.update(contents)
      const size = 2 ** depth
      const leaves = contents.flatMap(({ leaf, bytes }) => [leaf, leaf + Math.ceil(bytes.length / WORD) - 1])
      expectSame(
        tree,
        contents,
        [0, size - 1, Math.floor(random() * size), ...leaves],
        `depth ${depth}, round ${round}`,
      )
    }
  }
})

it(`follows contents that change a little, grow and shrink (seed ${seed})`, () => {
  const random = randomFrom(seed + 1)
  const tree = new RegionTree(19)
  const bytes = new Uint8Array(3 * 65_536).map(() => Math.floor(random() * 256))
  for (let round = 0; round < 12; round++) {
    let contents: Contents = []
    let length = 0
    // Not every moment is hashed: what changed has to add up.
    for (let moment = 0; moment < 3; moment++) {
      if (random() < 0.3) length = Math.floor(random() * bytes.length)
      else length = Math.max(length, bytes.length - 5000)
      for (let n = 0; n < 20; n++) bytes[Math.floor(random() * length)] = Math.floor(random() * 256)
      contents = [{ leaf: 0, bytes: bytes.subarray(0, length) }]
      tree.update(contents)
    }
    const last = Math.floor(length / WORD)
    expectSame(tree, contents, [0, last, last + 1], `round ${round}`)
  }
  tree.update([])
  expect(tree.root).toEqual(ZERO)
})

it('has the root of the least tree over bytes, hashed with zeros on its right', () => {
  const bytes = new Uint8Array(70_000).fill(7)
  const least = new RegionTree(12)
  least.update([{ leaf: 0, bytes }])
  expect(least.root).toEqual(merkleRoot(bytes))
  const path = merklePath(bytes, 1234)
  expect(path.map((_, level) => least.sibling(1234, level))).toEqual(path)
  const larger = new RegionTree(13)
  larger.update([{ leaf: 0, bytes }])
  expect(larger.root).toEqual(hashPair(merkleRoot(bytes), ZERO))
})

it('refuses contents that reach beyond the region', () => {
  const tree = new RegionTree(5)
  tree.update([{ leaf: 31, bytes: new Uint8Array(32) }])
  expect(() => tree.update([{ leaf: 31, bytes: new Uint8Array(33) }])).toThrow(RangeError)
})

it('is not changed by writing to what was given or to what it gave', () => {
  const bytes = new Uint8Array(8192).fill(1)
  const tree = new RegionTree(8)
  tree.update([{ leaf: 0, bytes }])
  const root = tree.root
  bytes.fill(2)
  tree.root.fill(3)
  tree.leaf(5).fill(4)
  tree.sibling(5, 0).fill(5)
  tree.sibling(5, 7).fill(6)
  expect(tree.root).toEqual(root)
  expect(tree.root).toEqual(merkleRoot(new Uint8Array(8192).fill(1)))
})
