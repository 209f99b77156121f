/**
 * Blocks of a trace on disk, one after the other in a file without a name: it is unlinked as soon as it is open, so that
 * nothing is left of it, however this process ends, and a stranger's process names nothing in the file system.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { HostAbort } from '../errors.ts'
import { BLOCK_BYTES } from './blocks.ts'

/** Bytes that stay free on the disk: journals lie there too, and a result that cannot be written down is not signed. */
const SPARE = 2 ** 28
/** Blocks between two looks at what is free. */
const LOOK = 128

export class BlockFile {
  readonly #file: FileHandle
  readonly #path: string
  readonly #folder: string
  readonly #most: number
  readonly #spare: number
  #count = 0

  private constructor(file: FileHandle, path: string, folder: string, most: number, spare: number) {
    this.#file = file
    this.#path = path
    this.#folder = folder
    this.#most = most
    this.#spare = spare
  }

  /**
   * @param maxBytes that it may take on disk
   * @param spare bytes that it leaves free there
   */
  static async open(folder: string, maxBytes: number, spare = SPARE): Promise<BlockFile> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `trace-${randomUUID()}`)
    const file = await open(path, 'wx+', 0o600)
    // Where an open file cannot be unlinked, `close` does it.
    await rm(path, { force: true }).catch(() => {})
    return new BlockFile(file, path, folder, Math.floor(maxBytes / BLOCK_BYTES), spare)
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#count * BLOCK_BYTES
  }

  /** Whether there was room for it. One after the other. */
  async append(block: Uint8Array): Promise<boolean> {
    if (block.length !== BLOCK_BYTES) throw new HostAbort('died', `it sent a block of ${block.length} bytes`)
    if (this.#count >= this.#most) return false
    let written = 0
    try {
      if (this.#count % LOOK === 0 && (await this.#free()) < this.#spare) return false
      while (written < block.length) {
        const at = this.bytes + written
        written += (await this.#file.write(block, written, block.length - written, at)).bytesWritten
      }
    } catch {
      // The disk is full, or broken: the run goes on without.
      return false
    }
    this.#count++
    return true
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder)
    return bavail * bsize
  }

  async read(number: unknown): Promise<Uint8Array> {
    const isThere = Number.isInteger(number) && Number(number) >= 0 && Number(number) < this.#count
    if (!isThere) throw new HostAbort('died', 'it asked for a block that it never sent')
    const block = new Uint8Array(BLOCK_BYTES)
    let filled = 0
    try {
      while (filled < BLOCK_BYTES) {
        const at = Number(number) * BLOCK_BYTES + filled
        const { bytesRead } = await this.#file.read(block, filled, BLOCK_BYTES - filled, at)
        if (bytesRead === 0) throw new Error('the file of its states is shorter than it was')
        filled += bytesRead
      }
    } catch (error) {
      throw new HostAbort('disk', error instanceof Error ? error.message : String(error))
    }
    return block
  }

  async close(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }
}
