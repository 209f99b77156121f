import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { hash } from '../../test/support/orders.ts'
import { type BlockSink, Indexer } from './indexer.ts'
import type { BlockRef, ChainReader, ReadBlock } from './reader.ts'

/** A chain in memory that can be cut and grown again with other hashes. */
function makeChain(length: number) {
  const blocks: BlockRef[] = []
  const grow = (count: number, salt = 0) => {
    for (let i = 0; i < count; i++) {
      const number = blocks.length
      const parent = blocks.at(-1)?.hash ?? hash(0)
      blocks.push({ number, hash: hash(number * 100 + salt + 1), parent, time: number })
    }
  }
  grow(length)
  const header = async (number: number | 'latest') => {
    const block = number === 'latest' ? blocks.at(-1) : blocks[number]
    if (!block) throw new Error(`no block ${number}`)
    return { ...block, baseFee: 0n }
  }
  const block = async (ref: BlockRef): Promise<ReadBlock> => ({ ...ref, logs: [] })
  const range = async (from: number, to: number) =>
    blocks.slice(from, to + 1).map((ref) => ({ ...ref, logs: [] }))
  const reader = { header, block, range } as unknown as ChainReader
  return { blocks, grow, cut: (length: number) => blocks.splice(length), reader }
}

function makeSink() {
  const known: BlockRef[] = []
  const rollbacks: number[] = []
  const sink: BlockSink = {
    top: async () => known.at(-1),
    below: async (number) => known.findLast((block) => block.number < number),
    apply: async (_, top) => void known.push(top),
    rollback: async (block) => {
      rollbacks.push(block.number)
      while (known.length > 0 && known.at(-1)!.number > block.number) known.pop()
    },
  }
  return { known, rollbacks, sink }
}

function setUp(length: number) {
  const chain = makeChain(length)
  const { known, rollbacks, sink } = makeSink()
  const indexer = new Indexer({
    reader: chain.reader,
    sink,
    log: pino({ level: 'silent' }),
    fromBlock: 0,
    pollMs: 1,
    onHead: () => {},
    onDown: () => {},
  })
  return { chain, known, rollbacks, indexer }
}

describe('Indexer', () => {
  it('reads far behind by ranges and near the head block by block', async () => {
    const { known, indexer } = setUp(5_000)
    await indexer.tick()
    expect(known.slice(0, 3).map((block) => block.number)).toEqual([1_999, 3_999, 4_935])
    expect(known.at(-1)!.number).toBe(4_999)
    expect(known).toHaveLength(3 + 64)
  })

  it.each([1, 2, 5])(
    'takes %i reorganised blocks back, to the common ancestor and no further',
    async (depth) => {
      const { chain, known, rollbacks, indexer } = setUp(10)
      await indexer.tick()
      chain.cut(10 - depth)
      chain.grow(depth + 1, 7)
      await indexer.tick()
      expect(rollbacks).toEqual([9 - depth])
      expect(known.map((block) => block.hash)).toEqual(chain.blocks.map((block) => block.hash))
    },
  )

  it('waits for a node that is behind what was read, and takes nothing back for it', async () => {
    const { chain, known, rollbacks, indexer } = setUp(10)
    await indexer.tick()
    const cut = chain.cut(6)
    await indexer.tick()
    expect(known.at(-1)!.number).toBe(9)
    chain.blocks.push(...cut)
    chain.grow(1)
    await indexer.tick()
    expect(known.at(-1)!.number).toBe(10)
    expect(rollbacks).toEqual([])
  })

  it('waits for one that is behind in the far past, of which not every block is remembered', async () => {
    const { chain, known, rollbacks, indexer } = setUp(3_000)
    await indexer.tick()
    chain.cut(2_500)
    await indexer.tick()
    expect(known.at(-1)!.number).toBe(2_999)
    expect(rollbacks).toEqual([])
  })

  it('follows a shorter chain that contradicts what was read', async () => {
    const { chain, known, rollbacks, indexer } = setUp(10)
    await indexer.tick()
    chain.cut(6)
    chain.grow(1, 7)
    await indexer.tick()
    expect(known.at(-1)!.hash).toBe(chain.blocks.at(-1)!.hash)
    expect(rollbacks).toEqual([5])
  })

  it('takes nothing back for a node of another chain, and goes on with the right one', async () => {
    const { chain, known, rollbacks, indexer } = setUp(5)
    await indexer.tick()
    const own = chain.cut(0)
    chain.grow(9, 50)
    await expect(indexer.tick()).rejects.toMatchObject({ code: 'foreign-chain' })
    expect(rollbacks).toEqual([])
    chain.cut(0)
    chain.blocks.push(...own)
    chain.grow(1)
    await indexer.tick()
    expect(known.map((block) => block.number)).toEqual([0, 1, 2, 3, 4, 5])
  })
})
