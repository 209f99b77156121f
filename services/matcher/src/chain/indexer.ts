/**
 * Follows the chain block by block and keeps what was read on the canonical chain: a block whose parent is not
 * the one below was reorganised, and everything down to the common ancestor is taken back first.
 *
 * The node is believed about its chain, and no further than that: one that is behind what was read takes nothing
 * back, and one that shares no block with it is on another chain.
 */
import { ForeignChainError } from '../errors.ts'
import type { Logger } from '../observe/log.ts'
import type { BlockRef, ChainReader, ReadBlock } from './reader.ts'

/** Where blocks go; each call is one commit. */
export interface BlockSink {
  /** The highest block that was applied. */
  top(): Promise<BlockRef | undefined>
  /** The highest known block below `number`. */
  below(number: number): Promise<BlockRef | undefined>
  apply(blocks: readonly ReadBlock[], top: BlockRef): Promise<void>
  /** Takes back everything above `block`. */
  rollback(block: BlockRef): Promise<void>
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
  /** Whether it was said that the node is behind. */
  #waited = false
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

  /** Reads up to the head once. False where that could not be reached now. */
  async tick(): Promise<boolean> {
    const { reader, sink, onHead } = this.#options
    const head = await reader.header('latest')
    const before = await sink.top()
    if (before && before.hash !== head.hash) {
      if (await this.#isBehind(before, head)) return this.#waitFor(before, head)
      if (!(await this.#readUp(await this.#ancestor(before, head), head))) return false
    } else if (!before && !(await this.#readUp(undefined, head))) return false
    this.#waited = false
    onHead(head)
    return true
  }

  async #readUp(from: BlockRef | undefined, head: BlockRef): Promise<boolean> {
    let top = from
    while (!top || top.number < head.number) {
      const next = await this.#advance(top, head)
      // The chain moved under it: the next look starts from the ancestor again. Not at once: the node may be lying.
      if (!next) return false
      top = next
    }
    return true
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

  /** Whether the node shows an older part of what was read, and nothing that contradicts it. */
  async #isBehind(top: BlockRef, head: BlockRef): Promise<boolean> {
    if (head.number >= top.number) return false
    const nearest = await this.#options.sink.below(head.number + 1)
    return nearest !== undefined && (await this.#isCanonical(nearest, head))
  }

  #waitFor(top: BlockRef, head: BlockRef): false {
    if (!this.#waited)
      this.#options.log.warn(
        { read: top.number, node: head.number },
        'the node is behind what was read: waiting',
      )
    this.#waited = true
    return false
  }

  /**
   * The highest applied block that is still on the canonical chain; what is above it is taken back.
   *
   * @throws {ForeignChainError} where there is none: all that is known would have to go
   */
  async #ancestor(top: BlockRef, head: BlockRef): Promise<BlockRef> {
    const { sink, log } = this.#options
    let at: BlockRef | undefined = top
    while (at && !(await this.#isCanonical(at, head))) at = await sink.below(at.number)
    if (!at) throw new ForeignChainError({ read: top.number, node: head.number, hash: head.hash })
    if (at.hash !== top.hash) {
      log.warn({ from: top.number, to: at.number }, 'the chain was reorganised: taking its blocks back')
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
