import { type Funds, formatAmount, type Lock, type Token } from '@millrace/sdk'
import { formatMoment } from '../format/formatTime.ts'
import { shorten } from '../terminal/table.ts'

const RUNNING = new Set(['open', 'stopped'])

/** Why an amount is not free. */
export function whyLocked({ why, state }: Pick<Lock, 'why' | 'state'>): string {
  if (why === 'payment') {
    return RUNNING.has(state) ? 'the most that a running lease can cost' : 'claimed, and open to challenges'
  }
  return RUNNING.has(state)
    ? 'collateral of a running lease'
    : 'collateral while results are open to challenges'
}

/** What an account has, and what of it is locked, why and until when. `wallet` is not deposited. */
export function describeFunds(funds: Funds, wallet: bigint, token: Token, now: number): string[] {
  const { account, free, locked, locks } = funds
  return [
    `${account}, in escrow:`,
    `  free    ${formatAmount(free, token)}`,
    `  locked  ${formatAmount(locked, token)}`,
    ...(locks ?? []).map(
      (lock) =>
        `          ${formatAmount(lock.amount, token)} in lease ${shorten(lock.lease)}: ${whyLocked(lock)}; ` +
        `free at the latest ${formatMoment(Number(lock.until), now)}, if nobody disputes`,
    ),
    ...(locks || locked === 0n ? [] : ['          The matcher, which knows the leases behind it, is away.']),
    `In the wallet, not deposited: ${formatAmount(wallet, token)}`,
  ]
}
