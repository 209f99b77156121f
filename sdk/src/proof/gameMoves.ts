/** What a decision is as a transaction, and what was made of past ones. */
import { type Address, decodeFunctionData, type Hex } from 'viem'
import { proofSchemeAbi } from '../abi/index.gen.ts'
import type { Call } from '../calls/call.ts'
import { defendGameCall, proveStepCall, splitGameCall, timeoutGameCall } from '../calls/proof.ts'
import { getChain } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { computationHash } from './computation.ts'
import type { GameAction } from './decide.ts'
import type { Side } from './game.ts'
import { rootOf, stepsOf } from './split.ts'
import { type GameMove, type GameView, gameOf } from './view.ts'

/** A move with what it cost whoever sent it. */
export interface PlayedMove extends GameMove {
  readonly sender: Address
  readonly gas: bigint
  /** Wei. */
  readonly cost: bigint
}

/** The call of a decision; none where there is nothing to send. */
export function callOf(proofScheme: Address, view: GameView, action: GameAction): Call | undefined {
  const game = gameOf(view)
  const { receiver, caseId } = view
  switch (action.do) {
    case 'defend':
      return defendGameCall({ proofScheme, game, defence: action.defence })
    case 'split':
      return splitGameCall({ proofScheme, game, section: action.section, ends: action.ends })
    case 'prove': {
      const { section, witness } = action
      return proveStepCall({ proofScheme, game, section, receiver, caseId, witness })
    }
    case 'timeout':
      return timeoutGameCall({ proofScheme, game, contested: contestedOf(view), receiver, caseId })
    default:
      return undefined
  }
}

/** What stands contested in a game: `timeout` shows it. */
export function contestedOf({ start, ends, contested }: GameView): Hex {
  return start && ends ? rootOf({ start, ends }) : computationHash(contested)
}

export async function playedMove(client: MillraceClient, move: GameMove): Promise<PlayedMove> {
  const { publicClient } = await getChain(client)
  const receipt = await publicClient.getTransactionReceipt({ hash: move.tx })
  const { gasUsed, effectiveGasPrice } = receipt
  const sender = receipt.from.toLowerCase() as Address
  return { ...move, sender, gas: gasUsed, cost: gasUsed * effectiveGasPrice }
}

/** The step that was proven, as the transaction names it; undefined where a contract of somebody's own sent it. */
export async function provenStep(client: MillraceClient, view: GameView): Promise<bigint | undefined> {
  const proof = view.moves.find(({ kind }) => kind === 'prove')
  if (!proof) return undefined
  const { publicClient } = await getChain(client)
  const { input } = await publicClient.getTransaction({ hash: proof.tx })
  try {
    const { functionName, args } = decodeFunctionData({ abi: proofSchemeAbi, data: input })
    return functionName === 'prove' ? view.firstStep + stepsOf(view.level, args[1].index) : undefined
  } catch {
    return undefined
  }
}

/** Gas of all moves, by the side that they were for. */
export function gasOf(moves: readonly PlayedMove[]): Record<Side, bigint> {
  const gas = { provider: 0n, challenger: 0n }
  for (const move of moves) gas[move.by] += move.gas
  return gas
}
