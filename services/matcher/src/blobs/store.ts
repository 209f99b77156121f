/**
 * Blobs on disk, named by their content: a program by its program root, data by its commitment. A blob can be
 * seen only once its name was derived from its bytes and they are synced. Where there is no room, the longest
 * unused go first, and never what a live lease needs.
 *
 * What arrives on its own is a file. Small data that comes inside of a ticket or a result is written in the
 * database by the same commit as these: the path of every short job has one sync to disk for all of it.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { commit as commitmentOf } from '@millrace/machine'
import { eq, inArray, sql } from 'drizzle-orm'
import type { Hex } from 'viem'
import { RefusedError } from '../errors.ts'
import type { Logger } from '../observe/log.ts'
import type { Committer } from '../store/committer.ts'
import type { Database, Tx } from '../store/database.ts'
import { blobs } from '../store/schema/index.ts'
import { chooseEvicted } from './budget.ts'
import { ByteCache } from './cache.ts'
import { Verifier } from './verify.ts'

export type BlobKind = 'program' | 'data'

export interface BlobInfo {
  root: Hex
  kind: BlobKind
  size: number
  /** Unix milliseconds; in memory, so that a read costs no write. A restart begins with when it came. */
  usedAt: number
  /** Its bytes stand in the database, not in a file. */
  inline: boolean
}

/** Writes inline data within the commit of what it came with. */
export type WriteInline = (tx: Tx) => Promise<void>

export interface BlobStoreOptions {
  dir: string
  db: Database
  committer: Committer
  log: Logger
  /** Bytes of one blob, and of all together. */
  limits: { blob: number; store: number }
  /** Throws where so many bytes more would not fit on the disk. */
  ensureRoom?(incoming: number): void
  /** Roots that live leases and open bids need. */
  needed(): Promise<Set<string>>
}

/** Bytes of small blobs kept in memory: outputs are mostly read in the moment after they were written. */
const CACHE_BYTES = 32 * 2 ** 20

export class BlobStore {
  readonly #options: BlobStoreOptions
  readonly #verifier = new Verifier()
  readonly #known = new Map<Hex, BlobInfo>()
  readonly #cache = new ByteCache(CACHE_BYTES)
  /** Inline data that stands in no commit yet, and how many are about to write it. */
  readonly #unwritten = new Map<Hex, { bytes: Uint8Array; writers: number }>()
  #total = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: BlobStoreOptions) {
    this.#options = options
    for (const folder of ['files', 'arriving']) mkdirSync(join(options.dir, folder), { recursive: true })
  }

  /** Reads what is there: a file without a row, or a row without a file, is a write that was cut short. */
  async start(): Promise<void> {
    const { db, committer, dir } = this.#options
    await rm(join(dir, 'arriving'), { recursive: true, force: true })
    mkdirSync(join(dir, 'arriving'))
    const files = new Set(await readdir(join(dir, 'files')))
    const lost: string[] = []
    const { root, kind, size, usedAt } = blobs
    const inline = sql<boolean>`${blobs.bytes} is not null`
    for (const row of await db.select({ root, kind, size, usedAt, inline }).from(blobs)) {
      const blob = { ...row, root: row.root as Hex, usedAt: row.usedAt.getTime() }
      if (row.inline || files.delete(row.root)) this.#remember(blob)
      else lost.push(row.root)
    }
    if (lost.length > 0) await committer.commit((tx) => tx.delete(blobs).where(inArray(blobs.root, lost)))
    for (const file of files) await rm(join(dir, 'files', file))
  }

  get(root: Hex): BlobInfo | undefined {
    const blob = this.#known.get(root)
    if (blob) blob.usedAt = Date.now()
    return blob
  }

  get bytes(): number {
    return this.#total
  }

  /** The bytes of a small blob; undefined where it is not there or larger than `most`. */
  async read(root: Hex, most: number): Promise<Uint8Array | undefined> {
    const blob = this.get(root)
    if (!blob || blob.size > most) return undefined
    const known = this.#unwritten.get(root)?.bytes ?? this.#cache.get(root)
    if (known) return known
    return blob.inline ? this.#readInline(root) : new Uint8Array(await readFile(this.#path(root)))
  }

  async stream(blob: BlobInfo): Promise<Readable> {
    if (!blob.inline) return createReadStream(this.#path(blob.root))
    return Readable.from([(await this.read(blob.root, blob.size)) ?? new Uint8Array()])
  }

  /**
   * Takes a blob that arrives in pieces. Refused where it is too large or not what it is named.
   * @param confirm gets the hash of the whole body before anything is kept
   */
  async take(
    source: AsyncIterable<Buffer>,
    root: Hex,
    kind: BlobKind,
    confirm: (bodyHash: Hex) => Promise<void> = async () => {},
  ): Promise<BlobInfo> {
    const path = this.#arriving()
    try {
      const size = await spool(source, path, this.#options)
      await confirm(await this.#check(path, root, kind))
      return await this.#keep(path, { root, kind, size, usedAt: Date.now(), inline: false })
    } finally {
      await rm(path, { force: true })
    }
  }

  /**
   * Takes data that came inline: it can be read while `commit` runs, which writes it, and stays if that succeeds.
   */
  async withInline<T>(bytes: Uint8Array, root: Hex, commit: (write: WriteInline) => Promise<T>): Promise<T> {
    if (this.get(root) && !this.#unwritten.has(root)) return commit(async () => {})
    const found = commitmentOf(bytes)
    if (found !== root) throw rootMismatch(root, found, 'data')
    await this.#makeRoom(bytes.length)

    const usedAt = Date.now()
    const entry = this.#unwritten.get(root) ?? { bytes, writers: 0 }
    entry.writers++
    this.#unwritten.set(root, entry)
    if (!this.#known.has(root))
      this.#remember({ root, kind: 'data', size: bytes.length, usedAt, inline: true })
    const row = { root, kind: 'data' as const, size: bytes.length, usedAt: new Date(usedAt), bytes }
    try {
      const value = await commit(async (tx) => {
        await tx.insert(blobs).values(row).onConflictDoNothing()
      })
      this.#unwritten.delete(root)
      this.#cache.put(root, bytes)
      return value
    } catch (error) {
      entry.writers--
      if (entry.writers === 0 && this.#unwritten.delete(root)) this.#forget(root)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#verifier.close()
  }

  /** Returns the hash of the bytes. */
  async #check(path: string, root: Hex, kind: BlobKind): Promise<Hex> {
    const named = await this.#verifier.name({ path, kind })
    if ('refused' in named) {
      throw new RefusedError(422, 'module-refused', named.refused.message, {
        remedy: 'Build the module without what the machine refuses, and send it again.',
        facts: named.refused.facts,
      })
    }
    if (named.root !== root) throw rootMismatch(root, named.root, kind)
    return named.hash
  }

  /** Moves a whole and synced file to its place. One at a time, so that the budget is counted once. */
  #keep(path: string, blob: BlobInfo): Promise<BlobInfo> {
    const kept = this.#turn.then(async () => {
      const known = this.get(blob.root)
      if (known) return known
      await this.#makeRoom(blob.size)
      await rename(path, this.#path(blob.root))
      const { root, kind, size } = blob
      const row = { root, kind, size, usedAt: new Date(blob.usedAt) }
      await this.#options.committer.commit((tx) => tx.insert(blobs).values(row).onConflictDoNothing())
      this.#remember(blob)
      return blob
    })
    this.#turn = kept.catch(() => {})
    return kept
  }

  async #makeRoom(incoming: number): Promise<void> {
    const { limits, committer, log } = this.#options
    if (this.#total + incoming <= limits.store) return
    const evicted = chooseEvicted([...this.#known.values()], await this.#pinned(), incoming, limits.store)
    if (!evicted) {
      throw new RefusedError(507, 'store-full', 'The blob store is full of what live leases need.', {
        remedy: 'Send it again when leases have ended, or use another matcher.',
        retryable: true,
        facts: { limit: limits.store, stored: this.#total, incoming },
      })
    }
    const roots = evicted.map((blob) => blob.root)
    await committer.commit((tx) => tx.delete(blobs).where(inArray(blobs.root, roots)))
    for (const { root } of evicted as BlobInfo[]) {
      this.#forget(root)
      await rm(this.#path(root), { force: true })
    }
    log.info({ blobs: evicted.length }, 'old blobs made room for a new one')
  }

  /** What is needed, and what an unwritten ticket or result came with. */
  async #pinned(): Promise<Set<string>> {
    return new Set([...(await this.#options.needed()), ...this.#unwritten.keys()])
  }

  async #readInline(root: Hex): Promise<Uint8Array | undefined> {
    const { bytes } = blobs
    const [row] = await this.#options.db.select({ bytes }).from(blobs).where(eq(blobs.root, root))
    if (!row?.bytes) return undefined
    this.#cache.put(root, row.bytes)
    return new Uint8Array(row.bytes)
  }

  #remember(blob: BlobInfo): void {
    this.#known.set(blob.root, blob)
    this.#total += blob.size
  }

  #forget(root: Hex): void {
    this.#total -= this.#known.get(root)?.size ?? 0
    this.#known.delete(root)
    this.#cache.drop(root)
  }

  #arriving(): string {
    return join(this.#options.dir, 'arriving', randomBytes(16).toString('hex'))
  }

  #path(root: Hex): string {
    return join(this.#options.dir, 'files', root)
  }
}

/** Writes what arrives, as far as it may, and syncs it. */
async function spool(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  path: string,
  { limits, ensureRoom }: Pick<BlobStoreOptions, 'limits' | 'ensureRoom'>,
): Promise<number> {
  const file = await open(path, 'wx')
  let size = 0
  try {
    for await (const piece of source) {
      size += piece.length
      if (size > limits.blob) throw tooLarge(limits.blob)
      ensureRoom?.(piece.length)
      await file.write(piece)
    }
    await file.datasync()
    return size
  } finally {
    await file.close()
  }
}

export function tooLarge(most: number): RefusedError {
  return new RefusedError(413, 'blob-too-large', `A blob may have at most ${most} bytes.`, {
    remedy: 'Make the program or its data smaller, or use a matcher with a higher limit.',
    facts: { limit: most },
  })
}

function rootMismatch(expected: Hex, found: Hex, kind: BlobKind): RefusedError {
  return new RefusedError(422, 'blob-root-mismatch', `These bytes are ${found} and not ${expected}.`, {
    remedy: 'Send the bytes whole and unchanged, under the root that they have.',
    facts: { expected, found, kind },
  })
}
