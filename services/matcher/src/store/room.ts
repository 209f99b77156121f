/**
 * Room on the disk of the data directory. Postgres in this process neither fails nor returns when its log cannot grow:
 * it spins, and this process with it. So nothing is written that could bring it there.
 */
import { mkdirSync, statfsSync } from 'node:fs'
import { RefusedError } from '../errors.ts'

export class Room {
  readonly #dir: string
  readonly #reserve: number

  /** @param reserve bytes that stay free: some of the database's files of 16 MiB, and whatever others write meanwhile */
  constructor(dir: string, reserve: number) {
    mkdirSync(dir, { recursive: true })
    this.#dir = dir
    this.#reserve = reserve
  }

  get isShort(): boolean {
    return this.#free() < this.#reserve
  }

  /** @throws {RefusedError} `disk-full` where `incoming` bytes would not leave the reserve */
  ensure(incoming = 0): void {
    const free = this.#free()
    if (free - incoming < this.#reserve) throw diskFull({ free, reserve: this.#reserve, incoming })
  }

  #free(): number {
    const { bavail, bsize } = statfsSync(this.#dir)
    return bavail * bsize
  }
}

export function diskFull(facts: Record<string, number> = {}, cause?: unknown): RefusedError {
  return new RefusedError(507, 'disk-full', "The matcher's disk is full. What it acknowledged is kept.", {
    remedy:
      'Send the same again later; nothing was changed. Its operator makes room where its data directory is.',
    retryable: true,
    facts,
    cause,
  })
}

/** Codes of Node's file system and of Postgres. */
const FULL = new Set(['ENOSPC', 'EDQUOT', '53100'])

export function isDiskFull(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException
    if (code === 'disk-full' || FULL.has(code ?? '')) return true
  }
  return false
}
