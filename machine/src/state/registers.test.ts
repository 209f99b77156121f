import { describe, expect, it } from 'vitest'
import { commit } from '../io/commitment.ts'
import { keccak256, keccakOfText, toHex } from '../io/hash.ts'
import { merkleRoot } from '../io/merkle.ts'
import { RegionTree } from './regionTree.ts'
import {
  dataCommitment,
  firstRegisters,
  firstStateHash,
  hashOfState,
  outputRegionRoot,
  packA,
  packB,
  programRootOf,
  resultOf,
  unpackRegisters,
  wordOf,
} from './registers.ts'
import { DEPTH, type Registers } from './state.ts'

const REGISTERS: Registers = {
  pc: 0x01020304,
  sp: 0x05060708,
  fp: 0x090a0b0c,
  aux: 0x0d0e0f10,
  fuel: 0x1112131415161718n,
  depth: 0x191a1b1c,
  stop: 0x1d1e,
  status: 0x1f20,
  pages: [0x21222324, 0x25262728],
  outputLength: 0x292a2b2c2d2e2f30n,
  outputMax: 0x3132333435363738n,
}

const root = (byte: number) => new Uint8Array(32).fill(byte)
const ROOTS = {
  code: root(1),
  stack: root(2),
  memory: root(3),
  slots: root(4),
  input: root(5),
  output: root(6),
}

describe('the words of registers', () => {
  it('have them in the order of the page, big-endian, and the spare bits at the end', () => {
    const upTo = (first: number, last: number) =>
      Uint8Array.from({ length: last - first + 1 }, (_, i) => first + i)
    expect(packA(REGISTERS)).toEqual(upTo(1, 32))
    expect(packB(REGISTERS)).toEqual(Uint8Array.from([...upTo(0x21, 0x38), ...new Array(8).fill(0)]))
    expect(packB({ ...REGISTERS, spare: 1n }).at(-1)).toBe(1)
  })

  it('are read as they were written', () => {
    const read = unpackRegisters(packA(REGISTERS), packB({ ...REGISTERS, spare: 9n }))
    expect(read).toEqual({ ...REGISTERS, spare: 9n })
  })
})

describe('hashes', () => {
  it('are those of the page', () => {
    const world = keccak256(join(packB(REGISTERS), ROOTS.memory, ROOTS.slots, ROOTS.input, ROOTS.output))
    const words = [keccakOfText('millrace.state'), packA(REGISTERS), ROOTS.code, ROOTS.stack, world]
    expect(toHex(hashOfState(REGISTERS, ROOTS))).toBe(toHex(keccak256(join(...words))))
  })

  it('begin with an empty stack and an empty output', () => {
    const limits = { fuel: 5n, outputMax: 6n }
    const registers = firstRegisters([2, 3], limits)
    expect(registers).toMatchObject({
      pc: 1,
      sp: 0,
      depth: 1_572_864,
      fuel: 5n,
      outputMax: 6n,
      pages: [2, 3],
    })
    const { code, memory, slots, input } = ROOTS
    const hash = hashOfState(registers, { ...ROOTS, stack: root(0), output: root(0) })
    expect(firstStateHash({ code, memory, slots, pages: [2, 3] }, input, limits)).toEqual(hash)
  })
})

it('a program is named by its version, first roots and pages', () => {
  const parts = { code: root(1), memory: root(2), slots: root(3), pages: [4, 5], maxPages: [6, 7] } as const
  const pages = Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, ...root(0).subarray(16)])
  const words = [keccakOfText('millrace.program'), wordOf(3n), root(1), root(2), root(3), pages]
  expect(programRootOf(parts)).toEqual(keccak256(join(...words)))
})

describe('results', () => {
  it.each([0, 1, 32, 33, 64, 100, 5_000])('name an output of %i bytes as it is named elsewhere', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i + 1)
    const least = merkleRoot(bytes)
    const registers = { ...REGISTERS, status: 1, fuel: 7n, outputLength: BigInt(length) }
    const { statusCode, fuelUsed, output } = resultOf(registers, least, 10n)
    expect({ statusCode, fuelUsed, output: toHex(output) }).toEqual({
      statusCode: 0,
      fuelUsed: 3n,
      output: commit(bytes),
    })

    const tree = new RegionTree(DEPTH.output)
    tree.update(length === 0 ? [] : [{ leaf: 0, bytes }])
    expect(toHex(outputRegionRoot(BigInt(length), least))).toBe(toHex(tree.root))
  })

  it.each([0, 6, 0xffff])('come of no state of status %i', (status) => {
    expect(() => resultOf({ ...REGISTERS, status }, root(0), 10n)).toThrow(RangeError)
  })
})

it('a commitment can have any length that fits a word', () => {
  const length = 2n ** 200n + 5n
  const words = [keccakOfText('millrace.data.v1'), wordOf(length), root(1)]
  expect(dataCommitment(length, root(1))).toEqual(keccak256(join(...words)))
  expect(BigInt(toHex(wordOf(length)))).toBe(length)
})

function join(...words: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [...word]))
}
