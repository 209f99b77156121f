/** The chain over the SDK and a node. */
import {
  answer,
  answerAccepted,
  answerSkipped,
  claim,
  declineLease,
  type Evidence,
  finalise,
  firstBlockSince,
  getChain,
  LEASE_STATES,
  type MillraceClient,
  type Receipt,
  redeem,
  type Terms,
} from '@millrace/sdk'
import { demandsAbi, escrowAbi, leasesAbi } from '@millrace/sdk/abi'
import { type Address, bytesToHex, type Hex, type PublicClient, stringToHex } from 'viem'
import type { ChainDemand, ChainPort, SignedPapers } from '../ports.ts'

/** How long a block's time is trusted before it is asked for again. Milliseconds. */
const CLOCK_MS = 2_000

/** The most bytes of a declined lease's reason. */
const REASON_BYTES = 32

export async function connectChain(client: MillraceClient, account: Address): Promise<ChainPort> {
  const { publicClient, contracts } = await getChain(client)
  const { leases, escrow } = contracts
  const demandsAddress = await publicClient.readContract({
    address: leases,
    abi: leasesAbi,
    functionName: 'demands',
  })
  const clock = { seconds: 0n, readAt: Number.NEGATIVE_INFINITY }

  const now = async () => {
    const passed = performance.now() - clock.readAt
    if (passed > CLOCK_MS) {
      clock.seconds = await timeOf(publicClient)
      clock.readAt = performance.now()
      return clock.seconds
    }
    return clock.seconds + BigInt(Math.floor(passed / 1_000))
  }

  return {
    now,
    lease: async (id, terms) => {
      const slot = await publicClient.readContract({
        address: leases,
        abi: leasesAbi,
        functionName: 'leaseOf',
        args: [id],
      })
      const status = LEASE_STATES[slot.status]!
      const after = slot.closedAfter > 0 ? terms.openedAt + BigInt(slot.closedAfter) : 0n
      return {
        status,
        paid: slot.paid,
        voided: status === 'open' || status === 'stopped' ? slot.owed : 0n,
        stoppedAt: status === 'stopped' ? after : 0n,
        closedAt: status === 'open' || status === 'stopped' ? 0n : after,
        openDisputes: slot.disputes,
        openDemands: slot.demands,
      }
    },
    baseFee: async () => (await publicClient.getBlock()).baseFeePerGas ?? 0n,
    ether: () => publicClient.getBalance({ address: account }),
    free: async (token) => {
      const args = [account, token] as const
      const read = { address: escrow, abi: escrowAbi, functionName: 'balanceOf', args } as const
      const [free] = await publicClient.readContract(read)
      return free
    },
    redeem: async (terms, owed, signature) => (await redeem(client, { terms, owed, signature })).hash,
    claim: async (terms, what) => (await claim(client, { terms, claim: what })).hash,
    decline: async (terms, reason) => {
      const code = stringToHex(reason.slice(0, REASON_BYTES), { size: REASON_BYTES })
      return (await declineLease(client, { terms, reason: code })).hash
    },
    finalise: async (terms) => (await finalise(client, { terms })).hash,
    demands: (id, terms) => findDemands(publicClient, demandsAddress, id, terms),
    answerLeaf: async (terms, what, papers, path) => {
      const parameters = { terms, claim: what, path: [...path], ...evidenceOf(papers) }
      return (await answer(client, parameters)).hash
    },
    answerSkipped: async (terms, what, index, path) =>
      (await answerSkipped(client, { terms, claim: what, index, path: [...path] })).hash,
    answerDelivery: async (terms, papers) =>
      (await answerAccepted(client, { terms, ...evidenceOf(papers) })).hash,
  }
}

/** What the next block's time would be. A quiet development chain's last block may be hours old. */
async function timeOf(publicClient: PublicClient): Promise<bigint> {
  const [latest, pending] = await Promise.all([
    publicClient.getBlock(),
    publicClient.getBlock({ blockTag: 'pending' }).catch(() => undefined),
  ])
  return pending && pending.timestamp > latest.timestamp ? pending.timestamp : latest.timestamp
}

function evidenceOf(papers: SignedPapers): { evidence: Evidence; receipt: Receipt } {
  const { ticket, ticketSignature = '0x', result, resultSignature, receipt, output } = papers
  return {
    evidence: { ticket, ticketSignature, result, resultSignature },
    receipt: receipt
      ? { signature: receipt, output: '0x' }
      : { signature: '0x', output: output ? bytesToHex(output) : '0x' },
  }
}

/** Every demand that was ever made in a lease, from the chain's log alone: no matcher can hide one. */
async function findDemands(
  publicClient: PublicClient,
  address: Address,
  lease: Hex,
  terms: Terms,
): Promise<ChainDemand[]> {
  const fromBlock = await firstBlockSince(publicClient, terms.openedAt)
  const common = { address, abi: demandsAbi, args: { lease }, fromBlock } as const
  const [leaves, deliveries] = await Promise.all([
    publicClient.getContractEvents({ ...common, eventName: 'LeafDemanded' }),
    publicClient.getContractEvents({ ...common, eventName: 'DeliveryDemanded' }),
  ])
  const read = { address, abi: demandsAbi } as const
  const leafDemands = leaves.map(async ({ args }): Promise<ChainDemand> => {
    const index = args.index!
    const asked = await publicClient.readContract({ ...read, functionName: 'demandOf', args: [lease, index] })
    return { kind: 'leaf', index, answerBy: BigInt(asked[1]), open: asked[2] }
  })
  const deliveryDemands = deliveries.map(async ({ args }): Promise<ChainDemand> => {
    const ticket = args.ticket!
    const asked = await publicClient.readContract({
      ...read,
      functionName: 'deliveryDemandOf',
      args: [lease, ticket],
    })
    return { kind: 'delivery', ticket, index: args.index!, answerBy: BigInt(asked[1]), open: asked[2] }
  })
  return Promise.all([...leafDemands, ...deliveryDemands])
}
