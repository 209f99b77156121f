import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreFullError } from '@millrace/machine/steps'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostAbort } from '../errors.ts'
import { BlockFile } from './blockFile.ts'
import { BLOCK_BYTES, BlockedPages } from './blocks.ts'

/** A page whose every byte follows from its number. */
const page = (number: number, length = 4096) =>
  new Uint8Array(length).fill(number % 251).fill(number >> 8, 0, 8)

describe('pages in blocks', () => {
  const open = (most = 1000) => {
    const written: Uint8Array[] = []
    let reads = 0
    const pages = new BlockedPages({
      write: (block) => written.length < most && written.push(block.slice()) > 0,
      read(number) {
        reads++
        return written[number]!.slice()
      },
    })
    return { pages, written, reads: () => reads }
  }

  it('come back from written blocks and from the one that is being filled', () => {
    const { pages, written } = open()
    for (let i = 0; i < 1000; i++) pages.put(`${i}`, page(i, 4096 + (i % 100)))
    expect(written.length).toBeGreaterThan(10)
    for (const i of [0, 1, 500, 63, 999, 64, 0]) expect(pages.get(`${i}`)).toEqual(page(i, 4096 + (i % 100)))
  })

  it('are each kept once, and fetched a block at a time', () => {
    const { pages, written, reads } = open()
    for (let round = 0; round < 5; round++) for (let i = 0; i < 200; i++) pages.put(`${i}`, page(i))
    expect(written.length).toBe(3)
    for (let i = 0; i < 192; i++) pages.get(`${i}`)
    expect(reads()).toBe(3)
  })

  it('are copies: who changes one changes no other', () => {
    const { pages } = open()
    pages.put('a', page(1))
    pages.get('a').fill(9)
    expect(pages.get('a')).toEqual(page(1))
  })

  it('are refused where there is no room for their block, and those before them are not lost', () => {
    const { pages } = open(2)
    const perBlock = BLOCK_BYTES / 4096
    for (let i = 0; i < 3 * perBlock; i++) pages.put(`${i}`, page(i))
    expect(() => pages.put('one more', page(1))).toThrow(StoreFullError)
    for (let i = 0; i < 3 * perBlock; i++) expect(pages.get(`${i}`)).toEqual(page(i))
    expect(() => pages.get('one more')).toThrow(RangeError)
  })

  it('are refused where nobody put them, and where no block holds them', () => {
    const { pages } = open()
    expect(() => pages.get('a')).toThrow(RangeError)
    expect(() => pages.put('a', page(1, BLOCK_BYTES + 1))).toThrow(RangeError)
  })
})

describe('blocks on disk', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-blocks-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const block = (number: number) => page(number, BLOCK_BYTES)

  it('come back, and have no name in the folder even while they are there', async () => {
    const file = await BlockFile.open(join(folder, 'traces'), 2 ** 30)
    for (const i of [1, 2, 3]) await file.append(block(i))
    expect(file.bytes).toBe(3 * BLOCK_BYTES)
    expect(readdirSync(join(folder, 'traces'))).toEqual([])
    expect(await Promise.all([2, 0, 1].map((i) => file.read(i)))).toEqual([3, 1, 2].map(block))
    await file.close()
  })

  it('take no more room than they may', async () => {
    const file = await BlockFile.open(folder, 2.5 * BLOCK_BYTES)
    const kept = [await file.append(block(1)), await file.append(block(2)), await file.append(block(3))]
    expect(kept).toEqual([true, true, false])
    expect(await file.read(1)).toEqual(block(2))
    await expect(file.read(2)).rejects.toMatchObject({ reason: 'died' })
    await file.close()
  })

  it.each([-1, 1, 0.5, '0', null, {}, Number.NaN, 2 ** 60])('are not looked for at %s', async (number) => {
    const file = await BlockFile.open(folder, 2 ** 30)
    await file.append(block(1))
    await expect(file.read(number)).rejects.toBeInstanceOf(HostAbort)
    await file.close()
  })

  it('has no room for one where the disk has little left', async () => {
    const file = await BlockFile.open(folder, 2 ** 30, Number.MAX_SAFE_INTEGER)
    expect(await file.append(new Uint8Array(BLOCK_BYTES))).toBe(false)
    expect(file.bytes).toBe(0)
    await file.close()
  })

  it('are of one size', async () => {
    const file = await BlockFile.open(folder, 2 ** 30)
    for (const length of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES + 1]) {
      await expect(file.append(new Uint8Array(length))).rejects.toMatchObject({ reason: 'died' })
    }
    await file.close()
  })
})
