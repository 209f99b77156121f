import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildProgram, commit } from '@millrace/machine'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Verifier, type VerifyLimits } from './verify.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-verify-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** `(module (func (export "main")))` */
const EMPTY = [
  [1, 4, 1, 0x60, 0, 0],
  [3, 2, 1, 0],
  [7, 8, 1, 4, ...Buffer.from('main'), 0, 0],
]
const CODE = [10, 4, 1, 2, 0, 0x0b]
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

const MOST_PAGES = 16_384

const small = Uint8Array.from([HEADER, ...EMPTY, CODE].flat())

/** Writes one byte into each page of the largest memory: each becomes a page of the first state. */
function sparse(): Uint8Array {
  const data = leb(MOST_PAGES)
  for (let page = 0; page < MOST_PAGES; page++) data.push(0, 0x41, ...signed(page * 65_536), 0x0b, 1, 1)
  const memory = [0, ...leb(MOST_PAGES)]
  const sections = [...EMPTY, [5, memory.length + 1, 1, ...memory]]
  // Sections stand in order: memory before exports.
  sections.sort(([a], [b]) => a! - b!)
  return Uint8Array.from([HEADER, ...sections, CODE, [11, ...leb(data.length), ...data]].flat())
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}

function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)]
}

function verifierWith(limits?: VerifyLimits): Verifier {
  const verifier = new Verifier(limits)
  onTestFinished(() => verifier.close())
  return verifier
}

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, String(bytes.length))
  await writeFile(path, bytes)
  return path
}

describe('Verifier', () => {
  it('names programs and data', async () => {
    const verifier = verifierWith()
    const path = await fileOf(small)
    expect(await verifier.name({ path, kind: 'program' })).toMatchObject({ root: buildProgram(small).root })
    expect(await verifier.name({ path, kind: 'data' })).toMatchObject({ root: commit(small) })
    const broken = await fileOf(small.subarray(0, 9))
    const named = await verifier.name({ path: broken, kind: 'program' })
    expect(named).toMatchObject({ refused: { facts: { section: expect.any(String) } } })
  })

  it.skipIf(process.platform !== 'linux')('refuses what takes too much memory, and goes on', async () => {
    const verifier = verifierWith({ ms: 60_000, heapMb: 256, memoryMb: 700 })
    const path = await fileOf(sparse())
    const named = await verifier.name({ path, kind: 'program' })
    expect(named).toMatchObject({ refused: { message: expect.stringContaining('beyond its memory') } })
    expect(await verifierWith().name({ path, kind: 'program' })).toHaveProperty('root')
    const next = await verifier.name({ path: await fileOf(small), kind: 'program' })
    expect(next).toMatchObject({ root: buildProgram(small).root })
  })

  it('refuses what takes too long, and goes on', async () => {
    const verifier = verifierWith({ ms: 1, heapMb: 256, memoryMb: 2_048 })
    const path = await fileOf(small)
    for (const kind of ['program', 'data'] as const) {
      expect(await verifier.name({ path, kind })).toMatchObject({
        refused: { message: expect.stringContaining('longer than') },
      })
    }
  })
})
