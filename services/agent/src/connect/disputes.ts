/** Disputes over the SDK and a node: what the chain's log says of them, and the games of those that are proven. */
import { firstBlockSince, getChain, type MillraceClient, playGame, readGame } from '@millrace/sdk'
import { disputesAbi } from '@millrace/sdk/abi'
import type { Address, Hex } from 'viem'
import type { DisputePort, FoundCase } from '../ports.ts'

/**
 * So many of the last blocks are read again each time, and a case that is gone is looked at for as many more: what a
 * reorganisation changes is noticed. Proof of stake finalises 64 blocks back at the latest, if it finalises at all.
 */
const DEPTH = 96n

/** Whatever a node answers within this span, it answers for logs of one contract's rare event. */
const SPAN = 10_000n

interface KnownCase extends Omit<FoundCase, 'provable'> {
  /** The block at which it was found to be settled, or taken back. */
  goneAt?: bigint
}

const NO_SCHEME = 0n

export async function connectDisputes(client: MillraceClient): Promise<DisputePort> {
  const { publicClient, contracts } = await getChain(client)
  const { disputes: address, proofScheme } = contracts
  const known = new Map<Hex, KnownCase>()
  /** Every dispute that was opened since then and before this block is known. */
  let read: { since: bigint; next: bigint } | undefined

  const readLog = async (since: bigint, latest: bigint) => {
    // An older lease came, or it is the first time.
    if (!read || since < read.since) read = { since, next: await firstBlockSince(publicClient, since) }
    const again = read.next - DEPTH
    const first = again > 0n ? again : 0n
    for (let from = first; from <= latest; from += SPAN) {
      const end = from + SPAN - 1n
      const toBlock = end < latest ? end : latest
      const filter = {
        address,
        abi: disputesAbi,
        eventName: 'DisputeOpened',
        fromBlock: from,
        toBlock,
      } as const
      for (const { args } of await publicClient.getContractEvents(filter)) {
        const { caseId, lease, index, challenger, result, bond, ruleBy } = args
        known.set(caseId!, {
          ...known.get(caseId!),
          ...{ id: caseId!, lease: lease!, index: index!, result: result!, bond: bond! },
          challenger: challenger!.toLowerCase() as Address,
          ruleBy: BigInt(ruleBy!),
        })
      }
      if (read.next <= toBlock) read.next = toBlock + 1n
    }
  }

  /** The scheme that a case waits for, if it is open. */
  const schemeOf = async (id: Hex): Promise<Address | undefined> => {
    const at = { address, abi: disputesAbi, functionName: 'caseOf', args: [id] } as const
    const [scheme] = await publicClient.readContract(at)
    return BigInt(scheme) === NO_SCHEME ? undefined : (scheme.toLowerCase() as Address)
  }

  return {
    openCases: async (since, isOurs) => {
      const latest = await publicClient.getBlockNumber({ cacheTime: 0 })
      await readLog(since, latest)
      const open: FoundCase[] = []
      for (const found of known.values()) {
        // Whose lease another one is may turn out later: its matcher is only slow to tell.
        if (!isOurs(found.lease)) continue
        const scheme = await schemeOf(found.id)
        if (scheme) {
          const { goneAt: _, ...rest } = found
          known.set(found.id, rest)
          open.push({ ...rest, provable: scheme === proofScheme })
        } else if (found.goneAt === undefined) known.set(found.id, { ...found, goneAt: latest })
        else if (found.goneAt + DEPTH < latest) known.delete(found.id)
      }
      return open
    },
    game: (caseId) => readGame(client, { caseId }),
    play: (options) => playGame(client, { side: 'provider', ...options }),
  }
}
