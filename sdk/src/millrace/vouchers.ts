/** Hands over vouchers: the latest one only, and one at a time, beside the jobs and never in their way. */
import type { Hex } from 'viem'
import { submitVoucher } from '../actions/leases.ts'
import type { MillraceClient } from '../client/client.ts'

export interface Vouchers {
  /** Owes so much in all from now on. */
  owe(owed: bigint): void
  /** When the provider has the last one; throws why it has not. */
  settled(): Promise<void>
}

export function vouchersOf(client: MillraceClient, lease: Hex): Vouchers {
  let owed = 0n
  let sent = 0n
  let sending: Promise<void> | undefined

  async function send(): Promise<void> {
    while (sent < owed) {
      const now = owed
      await submitVoucher(client, { lease, owed: now })
      sent = now
    }
  }

  function start(): Promise<void> {
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  return {
    owe(total) {
      if (total > owed) owed = total
      // A failure comes up in `settled`; the next job tries again.
      start().catch(() => {})
    },
    settled: () => start(),
  }
}
