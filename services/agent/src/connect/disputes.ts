/** Disputes over the SDK and a node: what the chain's log says of them, and the games of those that are proven. */
import {
  firstBlockSince,
  getChain,
  logsBetween,
  type MillraceClient,
  playGame,
  readCaseSlot,
  readGame,
} from '@millrace/sdk'
import { disputesAbi } from '@millrace/sdk/abi'
import { type Address, type Hex, zeroAddress } from 'viem'
import type { DisputePort, FoundCase } from '../ports.ts'

/**
 * So many of the last blocks are read again each time, and a case that is gone is looked at for as many more: what a
 * reorganisation changes is noticed. Proof of stake finalises 64 blocks back at the latest, if it finalises at all.
 */
const DEPTH = 96n

interface LoggedCase extends Omit<FoundCase, 'provable'> {
  /** The block at which it was found to be settled, or taken back. */
  goneAt?: bigint
}

export async function connectDisputes(client: MillraceClient): Promise<DisputePort> {
  const { publicClient, contracts } = await getChain(client)
  const known = new Map<Hex, LoggedCase>()
  /** Every dispute that was opened since then and before this block is known. */
  let read: { since: bigint; next: bigint } | undefined

  const readLog = async (since: bigint, latest: bigint) => {
    // An older lease came, or it is the first time.
    if (!read || since < read.since) read = { since, next: await firstBlockSince(publicClient, since) }
    const again = read.next - DEPTH
    const first = again > 0n ? again : 0n
    const logs = await logsBetween(first, latest, (fromBlock, toBlock) =>
      publicClient.getContractEvents({
        ...{ address: contracts.disputes, abi: disputesAbi, eventName: 'DisputeOpened', strict: true },
        ...{ fromBlock, toBlock },
      }),
    )
    for (const { args } of logs) {
      const { caseId: id, lease, index, result, bond } = args
      const challenger = args.challenger.toLowerCase() as Address
      const opened = { id, lease, index, result, bond, challenger, ruleBy: BigInt(args.ruleBy) }
      known.set(id, { ...known.get(id), ...opened })
    }
    if (read.next <= latest) read.next = latest + 1n
  }

  return {
    openCases: async (since, isOurs) => {
      const latest = await publicClient.getBlockNumber({ cacheTime: 0 })
      await readLog(since, latest)
      const open: FoundCase[] = []
      for (const found of known.values()) {
        // Whose lease another one is may turn out later: its matcher is only slow to tell.
        if (!isOurs(found.lease)) continue
        const { scheme } = await readCaseSlot(client, found.id)
        if (scheme !== zeroAddress) {
          const { goneAt: _, ...rest } = found
          known.set(found.id, rest)
          open.push({ ...rest, provable: scheme === contracts.proofScheme })
        } else if (found.goneAt === undefined) known.set(found.id, { ...found, goneAt: latest })
        else if (found.goneAt + DEPTH < latest) known.delete(found.id)
      }
      return open
    },
    game: (caseId) => readGame(client, { caseId }),
    play: (options) => playGame(client, { side: 'provider', ...options }),
  }
}
