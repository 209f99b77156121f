import type { Hex, PublicClient } from 'viem'
import { type ChainLog, type Contracts, decodeLog } from './contracts.ts'

export interface BlockRef {
  number: number
  hash: Hex
  parent: Hex
  /** Unix seconds. */
  time: number
}

/** A block with what our contracts said in it. */
export interface ReadBlock extends BlockRef {
  logs: (ChainLog & { gasUsed: bigint })[]
}

/** Reads blocks whole: header and logs of one and the same block, whatever is reorganised meanwhile. */
export class ChainReader {
  readonly #client: PublicClient
  readonly #contracts: Contracts

  constructor(client: PublicClient, contracts: Contracts) {
    this.#client = client
    this.#contracts = contracts
  }

  async header(number: number | 'latest'): Promise<BlockRef & { baseFee: bigint }> {
    const block = await this.#client.getBlock(
      number === 'latest' ? { blockTag: 'latest' } : { blockNumber: BigInt(number) },
    )
    return {
      number: Number(block.number),
      hash: block.hash!,
      parent: block.parentHash,
      time: Number(block.timestamp),
      baseFee: block.baseFeePerGas ?? 0n,
    }
  }

  /** By its hash (EIP-234), so that the logs are never another block's. */
  async block(ref: BlockRef): Promise<ReadBlock> {
    const raw = await this.#client.getLogs({ address: Object.values(this.#contracts), blockHash: ref.hash })
    const logs = raw.flatMap((log) => decodeLog(this.#contracts, log) ?? [])
    return { ...ref, logs: await this.#withGas(logs) }
  }

  /** Blocks of a range that are too deep to be reorganised; only those in which something was said. */
  async range(from: number, to: number): Promise<ReadBlock[]> {
    const raw = await this.#client.getLogs({
      address: Object.values(this.#contracts),
      fromBlock: BigInt(from),
      toBlock: BigInt(to),
    })
    const byBlock = new Map<number, ChainLog[]>()
    for (const log of raw) {
      const number = Number(log.blockNumber)
      const decoded = decodeLog(this.#contracts, log)
      if (decoded) byBlock.set(number, [...(byBlock.get(number) ?? []), decoded])
    }
    const blocks: ReadBlock[] = []
    for (const [number, logs] of byBlock) {
      blocks.push({ ...(await this.header(number)), logs: await this.#withGas(logs) })
    }
    return blocks
  }

  async #withGas(logs: ChainLog[]): Promise<ReadBlock['logs']> {
    const hashes = [...new Set(logs.map((log) => log.tx))]
    const receipts = await Promise.all(hashes.map((hash) => this.#client.getTransactionReceipt({ hash })))
    const gas = new Map(receipts.map((receipt, position) => [hashes[position], receipt.gasUsed]))
    return logs.map((log) => ({ ...log, gasUsed: gas.get(log.tx)! }))
  }
}
