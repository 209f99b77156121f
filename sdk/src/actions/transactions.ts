/** Every transaction of the contracts as an action: `(client, parameters)`, sent and waited for. */
import { type Address, type Hex, parseEventLogs } from 'viem'
import { disputesAbi, leasesAbi } from '../abi/index.gen.ts'
import type { Contracts } from '../api/market.ts'
import type { Call } from '../calls/call.ts'
import * as disputes from '../calls/disputes.ts'
import * as escrow from '../calls/escrow.ts'
import * as leases from '../calls/leases.ts'
import * as proof from '../calls/proof.ts'
import { getChain } from '../client/chain.ts'
import type { MillraceClient } from '../client/client.ts'
import { type SentTransaction, transact } from '../client/transact.ts'
import type { Ask } from '../documents/ask.ts'
import type { Bid } from '../documents/bid.ts'

/** Parameters of a call, without the contracts' addresses, which the market says. */
type Rest<P> = Omit<P, keyof Contracts>

type Action<P, R = SentTransaction> = (client: MillraceClient, parameters: Rest<P>) => Promise<R>

/** The action that sends a call. */
function transaction<P>(build: (parameters: P) => Call): Action<P> {
  return async (client, parameters) => {
    const { contracts } = await getChain(client)
    return transact(client, build({ ...contracts, ...parameters } as P))
  }
}

/** Opens a lease from a pair of signed orders. Anyone may: it works with the matcher stopped. */
export async function openMatch(
  client: MillraceClient,
  parameters: Rest<Parameters<typeof leases.openCall>[0]>,
): Promise<SentTransaction & { lease: Hex }> {
  const sent = await transaction(leases.openCall)(client, parameters)
  const [opened] = parseEventLogs({ abi: leasesAbi, eventName: 'Opened', logs: sent.receipt.logs })
  return { ...sent, lease: opened!.args.id }
}

/** Opens what can be opened of many matches. */
export const openMatches = transaction(leases.openBatchCall)
/** Ends a lease before its end; what was run can be claimed for its grace. */
export const stopLease = transaction(leases.stopCall)
/** Pays the provider what a voucher says. */
export const redeem = transaction(leases.redeemCall)
/** Ends a lease at once on both keys' word. */
export const closeLease = transaction(leases.closeCall)
export const closeLeases = transaction(leases.closeBatchCall)
/** Claims all results of a lease, by its provider. */
export const claim = transaction(leases.claimCall)
/** Gives a lease up, by its provider. */
export const declineLease = transaction(leases.declineCall)
/** Frees the tasker's rest where nobody claimed. */
export const expire = transaction(leases.expireCall)
/** Ends a lease that is over: pays the claim, frees the rest. */
export const finalise = transaction(leases.finaliseCall)
export const finaliseMany = transaction(leases.finaliseBatchCall)
/** Cancels the account's orders by nonce, on chain: for good, whatever a matcher holds. */
export const cancelNonces = transaction(leases.cancelNoncesCall)
/** Cancels an order of the account on chain, every attempt of a job's bid included; mostly one transaction. */
export async function cancelOrderOnChain(
  client: MillraceClient,
  { order }: { order: Ask | Bid },
): Promise<SentTransaction[]> {
  const { contracts } = await getChain(client)
  const sent: SentTransaction[] = []
  for (const call of leases.cancelOrderCalls({ ...contracts, order })) sent.push(await transact(client, call))
  return sent
}
/** Cancels all the account's orders with lower nonces. */
export const cancelBelow = transaction(leases.cancelBelowCall)

/** Contests a signed result, with a bond from the account's free balance. */
export async function challenge(
  client: MillraceClient,
  parameters: Rest<Parameters<typeof disputes.challengeCall>[0]>,
): Promise<SentTransaction & OpenedCase> {
  return withCase(await transaction(disputes.challengeCall)(client, parameters))
}

/** Contests a result that stands in a claim. */
export async function challengeLeaf(
  client: MillraceClient,
  parameters: Rest<Parameters<typeof disputes.challengeLeafCall>[0]>,
): Promise<SentTransaction & OpenedCase> {
  return withCase(await transaction(disputes.challengeLeafCall)(client, parameters))
}

export const equivocate = transaction(disputes.equivocateCall)
/** Applies a verdict. Anyone may. */
export const settleDispute = transaction(disputes.settleDisputeCall)
/** Ends a case that nobody ruled in time. */
export const timeoutDispute = transaction(disputes.timeoutDisputeCall)
/** Demands to see a leaf of a claim, by the tasker. */
export const demand = transaction(disputes.demandCall)
/** Demands the result of an accepted ticket, by the tasker. */
export const demandAccepted = transaction(disputes.demandAcceptedCall)
export const answer = transaction(disputes.answerCall)
export const answerSkipped = transaction(disputes.answerSkippedCall)
export const answerAccepted = transaction(disputes.answerAcceptedCall)
/** Ends a demand that nobody answered in time. */
export const lapse = transaction(disputes.lapseCall)
export const lapseAccepted = transaction(disputes.lapseAcceptedCall)

/** Rules a case, by its arbiter. */
export async function rule(
  client: MillraceClient,
  parameters: Omit<Parameters<typeof disputes.ruleCall>[0], 'arbiterScheme' | 'receiver'> & {
    receiver?: Address
  },
): Promise<SentTransaction> {
  const { contracts } = await getChain(client)
  return transaction(disputes.ruleCall)(client, { receiver: contracts.disputes, ...parameters })
}
export const publishPolicy = transaction(disputes.publishPolicyCall)

/** Shows how the contested run begins and ends: the provider's first move. */
export const defendGame = transaction(proof.defendGameCall)
/** Picks a section of the other side's split and splits it. */
export const splitGame = transaction(proof.splitGameCall)
/** Shows that a single step of the newest split is wrong. Anyone may. */
export const proveStep = transaction(proof.proveStepCall)
/** Ends a game whose side to move let its clock run out. Anyone may. */
export const timeoutGame = transaction(proof.timeoutGameCall)

/** Sends free balance to an address of one's choice. */
export const withdraw = transaction(escrow.withdrawCall)
/** Names a key that may sign orders, within a cap and until a date, and can never withdraw. */
export const setOperator = transaction(escrow.setOperatorCall)
/** Money for development, where the token has a faucet. */
export const mint = transaction(escrow.mintCall)

export interface OpenedCase {
  caseId: Hex
  bond: bigint
  /** Unix seconds: from then on no verdict counts. */
  ruleBy: bigint
}

function withCase(sent: SentTransaction): SentTransaction & OpenedCase {
  const [opened] = parseEventLogs({ abi: disputesAbi, eventName: 'DisputeOpened', logs: sent.receipt.logs })
  const { caseId, bond, ruleBy } = opened!.args
  return { ...sent, caseId, bond, ruleBy: BigInt(ruleBy) }
}
