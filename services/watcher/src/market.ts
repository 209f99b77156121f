/**
 * The market, though its matcher is away: a bond hangs on games that need the chain alone, and a watcher that was
 * stopped must be able to play them on.
 */
import { getMarket, type Market, type MillraceClient, MillraceError } from '@millrace/sdk'
import type { Logger } from 'pino'
import { type Journal, openJournal } from './journal/journal.ts'
import { freeze, thaw } from './journal/values.ts'

/** Has the client know the market: as the matcher says, else as it was at the last start. Open cases stay where they are. */
export async function knowMarket(client: MillraceClient, journal: Journal, log: Logger): Promise<void> {
  const note = `market of ${client.matcher}`
  const saved = journal.note(note)
  const last = saved === undefined ? undefined : thaw<Market>(saved)
  try {
    const market = await getMarket(client)
    const isOther = last && last.contracts.disputes !== market.contracts.disputes
    if (!isOther || journal.lies().every(({ state }) => state === 'wrong')) {
      return journal.setNote(note, freeze(market))
    }
    log.error({ last: last.contracts, now: market.contracts }, OTHER)
  } catch (error) {
    if (!last || !(error instanceof MillraceError && error.retryable)) throw error
    log.warn(
      { err: error },
      'the matcher does not answer; going on with the market as it was at the last start',
    )
  }
  client.cache.market = Promise.resolve(last)
}

/** The same before the watcher starts, by the journal in `folder`. */
export async function recallMarket(client: MillraceClient, folder: string, log: Logger): Promise<void> {
  const journal = openJournal(folder)
  try {
    await knowMarket(client, journal, log)
  } finally {
    journal.close()
  }
}

const OTHER = 'the matcher names other contracts than those of cases that are open; going on with these'
