/** A game from the chain's logs alone. */
import type { Hex } from 'viem'
import { disputesAbi, proofSchemeAbi } from '../abi/index.gen.ts'
import { OUTCOMES, type Outcome } from '../calls/disputes.ts'
import { getChain } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { logsBetween, newestLogs } from '../client/logs.ts'
import { MillraceError } from '../errors/error.ts'
import { gameIdOf } from './game.ts'
import { foldGame, type GameView } from './view.ts'

/** The chain knows of no game about the case: its scheme is another, or a reorganisation took its opening back. */
export class GameUnknownError extends MillraceError {
  override readonly name = 'GameUnknownError'

  constructor(facts: { caseId: Hex }) {
    super(`The proof scheme has no game about case ${facts.caseId}.`, {
      code: 'game-unknown',
      retryable: true,
      remedy: "Check the case's scheme with `getDispute`; a case that was just opened may take a block.",
      facts,
    })
  }
}

export interface ReadGameParameters {
  caseId: Hex
  /** A block not after the one that opened it; without it, the log is searched from its end. */
  fromBlock?: bigint
}

/** @throws {GameUnknownError} */
export async function readGame(client: MillraceClient, parameters: ReadGameParameters): Promise<GameView> {
  return (await findGame(client, parameters)).view
}

/** The game, and the block that opened it. */
export async function findGame(
  client: MillraceClient,
  { caseId, fromBlock }: ReadGameParameters,
): Promise<{ view: GameView; openedIn: bigint }> {
  const { publicClient, contracts } = await getChain(client)
  const at = { address: contracts.proofScheme, abi: proofSchemeAbi, strict: true } as const
  const receiver = contracts.disputes
  const last = await publicClient.getBlockNumber({ cacheTime: 0 })
  const [opened] = (
    await newestLogs(fromBlock ?? 0n, last, (from, to) =>
      publicClient.getContractEvents({
        ...{ ...at, eventName: 'GameOpened', args: { receiver, caseId } },
        ...{ fromBlock: from, toBlock: to },
      }),
    )
  ).slice(-1)
  if (!opened) throw new GameUnknownError({ caseId })

  const id = gameIdOf(receiver, caseId)
  const later = await logsBetween(opened.blockNumber, last, async (from, to) => {
    const range = { fromBlock: from, toBlock: to }
    const [splits, ends] = await Promise.all([
      publicClient.getContractEvents({ ...at, eventName: 'Split', args: { id }, ...range }),
      publicClient.getContractEvents({ ...at, eventName: 'GameEnded', args: { receiver, caseId }, ...range }),
    ])
    return [...splits, ...ends].sort(byPlace)
  })
  const after = later.filter((log) => byPlace(opened, log) < 0)
  return { view: foldGame([opened, ...after])!, openedIn: opened.blockNumber }
}

/** How a case that is over was settled. */
export async function readOutcome(client: MillraceClient, caseId: Hex, fromBlock: bigint): Promise<Outcome> {
  const { publicClient, contracts } = await getChain(client)
  const last = await publicClient.getBlockNumber({ cacheTime: 0 })
  const [settled] = await newestLogs(fromBlock, last, (from, to) =>
    publicClient.getContractEvents({
      ...{ address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeSettled', strict: true },
      ...{ args: { caseId }, fromBlock: from, toBlock: to },
    }),
  )
  if (!settled) throw new GameUnknownError({ caseId })
  return OUTCOMES[settled.args.outcome]!
}

interface Placed {
  blockNumber: bigint
  logIndex: number
}

const byPlace = (a: Placed, b: Placed): number =>
  Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex
