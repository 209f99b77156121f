/**
 * The market, though its matcher is away: whoever is challenged meanwhile must be able to start, and games need the chain
 * alone.
 */
import { getMarket, type Market, type MillraceClient } from '@millrace/sdk'
import type { Logger } from 'pino'
import { isRetryable } from '../jobs/retryable.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { freeze, thaw } from '../journal/values.ts'

/**
 * Has the client know the market: as the matcher says, else as it was at the last start. Where leases are live, what they
 * stand in stays, whatever the matcher says by now.
 */
export async function knowMarket(client: MillraceClient, journal: Journal, log: Logger): Promise<Market> {
  const note = `market of ${client.matcher}`
  const saved = journal.note(note)
  const last = saved === undefined ? undefined : thaw<Market>(saved)
  const keep = (market: Market): Market => {
    client.cache.market = Promise.resolve(market)
    return market
  }
  try {
    const market = await getMarket(client)
    if (last && !isSame(market, last) && journal.liveLeases().length > 0) {
      log.error({ last: last.contracts, now: market.contracts }, OTHER)
      return keep(last)
    }
    journal.setNote(note, freeze(market))
    return market
  } catch (error) {
    if (!last || !isRetryable(error)) throw error
    log.warn(
      { err: error },
      'the matcher does not answer; going on with the market as it was at the last start',
    )
    return keep(last)
  }
}

/** The same before the agent starts, by the journal in `folder`. */
export async function recallMarket(client: MillraceClient, folder: string, log: Logger): Promise<Market> {
  const journal = openJournal(folder)
  try {
    return await knowMarket(client, journal, log)
  } finally {
    journal.close()
  }
}

const OTHER = 'the matcher names other contracts than those of leases that are live; going on with these'

/** Whether a lease of the one is a lease of the other. */
function isSame(a: Market, b: Market): boolean {
  const { leases, disputes, proofScheme } = a.contracts
  const theirs = b.contracts
  return (
    a.chainId === b.chainId &&
    leases === theirs.leases &&
    disputes === theirs.disputes &&
    proofScheme === theirs.proofScheme
  )
}
