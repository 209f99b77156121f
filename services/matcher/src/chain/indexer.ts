/**
 * Follows the chain block by block and keeps what was read on the canonical chain: a block whose parent is not
 * the one below was reorganised, and everything down to the common ancestor is taken back first.
 */
import type { Logger } from '../observe/log.ts'
import type { BlockRef, ChainReader, ReadBlock } from './reader.ts'

/** Where blocks go; each call is one commit. */
export interface BlockSink {
  /** The highest block that was applied. */
  top(): Promise<BlockRef | undefined>
  /** The highest known block below `number`. */
  below(number: number): Promise<BlockRef | undefined>
  apply(blocks: readonly ReadBlock[], top: BlockRef): Promise<void>
  /** Takes back everything above `block`; all of it where undefined. */
  rollback(block: BlockRef | undefined): Promise<void>
}

export interface IndexerOptions {
  reader: ChainReader
  sink: BlockSink
  log: Logger
  /** First block that can hold an event of the contracts. */
  fromBlock: number
  pollMs: number
  onHead(head: BlockRef & { baseFee: bigint }): void
  onDown(error: unknown): void
}

/** Reading far behind the head goes by ranges of so many blocks; public nodes allow about that. */
const RANGE = 2_000
/** So near the head every block is read by its hash, since it may still be reorganised. */
const UNSETTLED = 64

export class Indexer {
  readonly #options: IndexerOptions
  #stopped = false
  #wake: (() => void) | undefined
  #again = false
  #loop: Promise<void> | undefined

  constructor(options: IndexerOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.kick()
    await this.#loop
  }

  /** Looks now and not only at the next poll: a transaction of ours was mined. */
  kick(): void {
    this.#again = true
    this.#wake?.()
  }

  /** Reads up to the head once. */
  async tick(): Promise<void> {
    const { reader, sink, onHead } = this.#options
    const head = await reader.header('latest')
    const before = await sink.top()
    if (before?.hash === head.hash) return onHead(head)
    let top = await this.#ancestor(head)
    while (!top || top.number < head.number) {
      const next = await this.#advance(top, head)
      // The chain moved under it: the next tick starts from the ancestor again.
      if (!next) return this.kick()
      top = next
    }
    onHead(head)
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#again = false
      try {
        await this.tick()
      } catch (error) {
        this.#options.onDown(error)
        this.#again = false
      }
      if (!this.#again && !this.#stopped) await this.#pause()
    }
  }

  /** The highest applied block that is still on the canonical chain; what is above it is taken back. */
  async #ancestor(head: BlockRef): Promise<BlockRef | undefined> {
    const { sink, log } = this.#options
    const top = await sink.top()
    let at = top
    while (at && !(await this.#isCanonical(at, head))) at = await sink.below(at.number)
    if (top && at?.hash !== top.hash) {
      log.warn({ from: top.number, to: at?.number }, 'the chain was reorganised: taking its blocks back')
      await sink.rollback(at)
    }
    return at
  }

  async #isCanonical(block: BlockRef, head: BlockRef): Promise<boolean> {
    if (block.number > head.number) return false
    if (block.number === head.number) return block.hash === head.hash
    if (block.number === head.number - 1) return block.hash === head.parent
    return (await this.#options.reader.header(block.number)).hash === block.hash
  }

  async #advance(top: BlockRef | undefined, head: BlockRef): Promise<BlockRef | undefined> {
    const { reader, sink, fromBlock } = this.#options
    const from = top ? top.number + 1 : Math.min(fromBlock, head.number)
    if (head.number - from >= UNSETTLED) {
      const to = Math.min(from + RANGE - 1, head.number - UNSETTLED)
      const end = await reader.header(to)
      await sink.apply(await reader.range(from, to), end)
      return end
    }
    const ref = from === head.number ? head : await reader.header(from)
    if (top && ref.parent !== top.hash) return undefined
    await sink.apply([await reader.block(ref)], ref)
    return ref
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, this.#options.pollMs)
      const self = this
      function done() {
        clearTimeout(timer)
        self.#wake = undefined
        resolve()
      }
      this.#wake = done
    })
  }
}
