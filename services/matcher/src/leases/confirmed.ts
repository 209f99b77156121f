import { type Terms, taskerLock } from '@millrace/sdk'
import type { Config } from '../config.ts'

/** Blocks until the opening of a lease counts: the more is locked, the deeper it must lie. */
export function depthFor(confirmations: Config['confirmations'], terms: Terms): number {
  const value = taskerLock(terms)
  const reached = confirmations.filter(({ from }) => value >= from)
  return Math.max(0, ...reached.map(({ blocks }) => blocks))
}

export function isConfirmed(
  { config, head }: { config: Pick<Config, 'confirmations'>; head: { number: number } },
  openedBlock: number,
  terms: Terms,
): boolean {
  return head.number >= openedBlock + depthFor(config.confirmations, terms)
}
