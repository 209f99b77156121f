import {
  type DisputeView,
  firstBlockSince,
  type GameView,
  getChain,
  getChainTime,
  getDispute,
  logsBetween,
  type MillraceClient,
  readGame,
} from '@millrace/sdk'
import { disputesAbi, proofSchemeAbi } from '@millrace/sdk/abi'
import { decodeFunctionData, type Hex } from 'viem'

/** A case with all that anybody can read of it. */
export interface ReadDispute {
  readonly view: DisputeView
  /** From the chain's log alone, where the scheme settles by proof. */
  readonly game: GameView | undefined
  /** What happened around the game, by the chain's log. */
  readonly frame: readonly FrameStep[]
  /** Of transactions. */
  readonly gas: ReadonlyMap<Hex, bigint>
  /** Section of the last split that was proven wrong. */
  readonly proven: number | undefined
  /** Unix seconds of the chain. */
  readonly now: bigint
}

/** What opens and closes a case. */
export interface FrameStep {
  readonly what: 'opened' | 'ruled' | 'settled'
  readonly tx: Hex
}

const FRAME = { DisputeOpened: 'opened', Ruled: 'ruled', DisputeSettled: 'settled' } as const

/** Reads a case, from the matcher and, as far as it can be had there, from the chain. */
export async function readDispute(client: MillraceClient, caseId: Hex): Promise<ReadDispute> {
  const [view, { publicClient, contracts }, now] = await Promise.all([
    getDispute(client, { caseId }),
    getChain(client),
    getChainTime(client),
  ])
  const fromBlock = await firstBlockSince(publicClient, view.openedAt)
  const isProof = view.scheme.scheme === contracts.proofScheme
  const [game, frame] = await Promise.all([
    isProof ? readGame(client, { caseId, fromBlock }) : undefined,
    readFrame(client, view, fromBlock),
  ])
  const transactions = new Set([...frame, ...(game?.moves ?? [])].map(({ tx }) => tx))
  const receipts = await Promise.all(
    [...transactions].map((hash) => publicClient.getTransactionReceipt({ hash })),
  )
  const gas = new Map(receipts.map(({ transactionHash, gasUsed }) => [transactionHash, gasUsed]))
  return { view, game, frame, gas, now, proven: game && (await provenIndex(client, game)) }
}

async function readFrame(
  client: MillraceClient,
  { id }: DisputeView,
  fromBlock: bigint,
): Promise<FrameStep[]> {
  const { publicClient, contracts } = await getChain(client)
  const last = await publicClient.getBlockNumber({ cacheTime: 0 })
  const logs = await logsBetween(fromBlock, last, (fromBlock, toBlock) =>
    publicClient.getContractEvents({ address: contracts.disputes, abi: disputesAbi, fromBlock, toBlock }),
  )
  return logs.flatMap(({ eventName, args, transactionHash }) =>
    args.caseId === id ? [{ what: FRAME[eventName], tx: transactionHash }] : [],
  )
}

/** What the transaction that proved it was about; none where a contract sent it along. */
async function provenIndex(client: MillraceClient, { moves }: GameView): Promise<number | undefined> {
  const proof = moves.find(({ kind }) => kind === 'prove')
  if (!proof) return undefined
  const { publicClient } = await getChain(client)
  const { input } = await publicClient.getTransaction({ hash: proof.tx })
  try {
    const call = decodeFunctionData({ abi: proofSchemeAbi, data: input })
    return call.functionName === 'prove' ? call.args[1].index : undefined
  } catch {
    return undefined
  }
}
