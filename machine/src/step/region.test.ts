import { expect, it } from 'vitest'
import { toHex } from '../io/hash.ts'
import { Dice } from '../random/dice.ts'
import { SparseTree } from '../testing/sparseTree.ts'
import { OpenedRegion } from './region.ts'
import { MalformedWitnessError, WitnessReader, WitnessWriter } from './witness.ts'

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))
const ROUNDS = process.env.MILLRACE_DEEP ? 5_000 : 400

const DEPTH = 5
const LEAVES = 2 ** DEPTH

function randomLeaves(dice: Dice): Map<number, Uint8Array> {
  const density = dice.pick([0.1, 0.5, 1])
  const all = Array.from({ length: LEAVES }, (_, i): [number, Uint8Array] => [i, dice.bytes(32)])
  return new Map(all.filter(() => dice.chance(density)))
}

/** Opens leaves as a prover, writing down what a verifier needs. */
function proving(tree: SparseTree, writer: WitnessWriter): OpenedRegion {
  return new OpenedRegion(tree.root, DEPTH, (leaf, levels) => {
    const siblings = Array.from({ length: levels }, (_, level) => tree.sibling(leaf, level))
    const opening = { leaf: tree.leaf(leaf), siblings }
    writer.putOpening(opening)
    return opening
  })
}

function verifying(root: Uint8Array, witness: Uint8Array): { region: OpenedRegion; reader: WitnessReader } {
  const reader = new WitnessReader(witness)
  return { region: new OpenedRegion(root, DEPTH, (_, levels) => reader.opening(levels)), reader }
}

it(`opens, changes and truncates as the whole tree would (seed ${seed})`, () => {
  const dice = new Dice(seed)
  for (let round = 0; round < ROUNDS; round++) {
    const leaves = randomLeaves(dice)
    const changes = Array.from({ length: dice.between(0, 6) }, () => ({
      leaf: dice.below(LEAVES),
      bytes: dice.chance(0.2) ? new Uint8Array(32) : dice.bytes(32),
    }))
    const slots = dice.chance(0.5) ? undefined : dice.chance(0.1) ? 0 : dice.below(4 * LEAVES)

    const apply = (region: OpenedRegion) => {
      for (const { leaf, bytes } of changes) region.open(leaf).set(bytes)
      if (slots === undefined) return
      if (slots > 0) region.open(Math.floor((slots - 1) / 4))
      region.truncate(slots)
    }
    const before = new SparseTree(DEPTH, leaves)
    const writer = new WitnessWriter()
    const prover = proving(before, writer)
    apply(prover)
    const { region: verifier, reader } = verifying(before.root, writer.finish())
    apply(verifier)
    reader.end()

    for (const { leaf, bytes } of changes) leaves.set(leaf, bytes.slice())
    if (slots !== undefined) {
      for (const [leaf, bytes] of leaves) bytes.fill(0, Math.min(32, Math.max(0, 8 * (slots - 4 * leaf))))
    }
    const expected = toHex(new SparseTree(DEPTH, leaves).root)
    expect(toHex(prover.root()), `round ${round}`).toBe(expected)
    expect(toHex(verifier.root()), `round ${round}`).toBe(expected)
  }
})

it('gives a leaf that was opened before as it has become', () => {
  const tree = new SparseTree(DEPTH, new Map([[3, new Uint8Array(32).fill(1)]]))
  const writer = new WitnessWriter()
  const region = proving(tree, writer)
  region.open(3)[0] = 9
  expect(region.open(3)[0]).toBe(9)
  // A leaf, a mask, and no sibling: all of them are zero.
  expect(writer.finish().length).toBe(36)
})

it('takes a further leaf up to where it meets a path that is open, and no further', () => {
  const full = new SparseTree(DEPTH, new Map(), (level, index) => new Uint8Array(32).fill(1 + level + index))
  const leaves = new Map([0, 1, 6, 4].map((leaf) => [leaf, new Uint8Array(32).fill(leaf + 1)]))
  const tree = new SparseTree(DEPTH, leaves, (level, index) => full.sibling((index ^ 1) << level, level))
  const writer = new WitnessWriter()
  const region = proving(tree, writer)
  const sizes = [0, 1, 6, 4].map((leaf) => {
    const before = writer.finish().length
    region.open(leaf)
    return (writer.finish().length - before - 36) / 32
  })
  // 6 meets 0 and 1 below the node over eight leaves, 4 meets 6 below the one over four.
  expect(sizes).toEqual([5, 0, 2, 1])
})

it('refuses a leaf that does not lead to the root, wherever it is opened', () => {
  const leaves = new Map([0, 1, 9].map((leaf) => [leaf, new Uint8Array(32).fill(leaf + 1)]))
  const tree = new SparseTree(DEPTH, leaves)
  for (const wrong of [0, 1, 9]) {
    const others = new Map(leaves).set(wrong, new Uint8Array(32).fill(77))
    const region = new OpenedRegion(tree.root, DEPTH, (leaf, levels) => {
      const siblings = Array.from({ length: levels }, (_, level) => tree.sibling(leaf, level))
      return { leaf: others.get(leaf)!, siblings }
    })
    const openAll = () => {
      for (const leaf of [0, 1, 9]) region.open(leaf)
    }
    expect(openAll, `leaf ${wrong}`).toThrow(MalformedWitnessError)
  }
})

it('refuses a mask with bits beyond the opening', () => {
  const witness = new Uint8Array(36 + 32 * 6)
  witness[35] = 1 << DEPTH
  expect(() => new WitnessReader(witness).opening(DEPTH)).toThrow(MalformedWitnessError)
  witness[35] = 1 << (DEPTH - 1)
  expect(new WitnessReader(witness).opening(DEPTH).siblings.length).toBe(DEPTH)
})
