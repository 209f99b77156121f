import type { FileNode, FolderNode } from './files.ts'
import { ERRNO, Failure } from './preview1.ts'

/** An open file keeps its place; so does standard input. */
export type Descriptor =
  | { readonly kind: 'source'; readonly content: Uint8Array; position: bigint; flags: number }
  | { readonly kind: 'sink'; readonly stream: 'stdout' | 'stderr'; flags: number }
  | { readonly kind: 'file'; readonly node: FileNode; position: bigint; flags: number }
  | { readonly kind: 'folder'; readonly node: FolderNode; readonly preopened?: string; flags: number }

/** As many as Linux gives a process by default. */
const MAX_OPEN = 1024

/** The table of open descriptors; a new one takes the lowest free number. */
export class Descriptors {
  readonly #open: (Descriptor | undefined)[]
  /** No number below this one is free. */
  #lowest = 0

  constructor(initial: readonly Descriptor[]) {
    this.#open = [...initial]
  }

  get(fd: number): Descriptor {
    const descriptor = this.#open[fd >>> 0]
    if (!descriptor) throw new Failure(ERRNO.badf)
    return descriptor
  }

  folder(fd: number): FolderNode {
    const descriptor = this.get(fd)
    if (descriptor.kind !== 'folder') throw new Failure(ERRNO.notdir)
    return descriptor.node
  }

  open(descriptor: Descriptor): number {
    while (this.#open[this.#lowest]) this.#lowest++
    if (this.#lowest >= MAX_OPEN) throw new Failure(ERRNO.mfile)
    this.#open[this.#lowest] = descriptor
    return this.#lowest
  }

  close(fd: number): void {
    this.get(fd)
    this.#free(fd >>> 0)
  }

  /** Moves `from` over `to`, which is closed. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from)
    this.get(to)
    this.#free(from >>> 0)
    this.#open[to >>> 0] = descriptor
  }

  #free(fd: number): void {
    this.#open[fd] = undefined
    this.#lowest = Math.min(this.#lowest, fd)
  }
}
