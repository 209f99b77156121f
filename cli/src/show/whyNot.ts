import { formatAmount, type Token } from '@millrace/sdk'
import type { WhyNot } from '@millrace/sdk/api'
import { formatBytes } from '../format/formatBytes.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { formatDuration, formatMoment } from '../format/formatTime.ts'
import { shorten, table } from '../terminal/table.ts'

type Example = NonNullable<WhyNot['reasons'][number]['example']>

const PAGE_BYTES = 65_536

const UNITS: Readonly<Record<Example['unit'], (value: string, token: Token) => string>> = {
  amount: (value, token) => formatAmount(BigInt(value), token),
  rate: (value, token) => `${formatAmount(BigInt(value), token)} a gigafuel`,
  fuel: (value) => formatFuel(BigInt(value)),
  pages: (value) => formatBytes(Number(value) * PAGE_BYTES),
  seconds: (value) => formatDuration(Number(value)),
  moment: (value) => formatMoment(Number(value), Date.now() / 1000),
  name: (value) => value.split(' ').map(shorten).join(' '),
}

/** An order that is in no book has one reason: its state. */
const STATES: Readonly<Record<string, string>> = {
  'order-filled': 'The order is filled: all that it asked for is leased. `millrace job list` shows its jobs.',
  'order-cancelled': 'The order was cancelled.',
  'order-expired': 'The order expired before all of it was matched.',
  'order-matched': 'The order is matched: its lease is being opened, or is open.',
  'order-open': 'The order was just taken in and is about to be matched.',
}

/** Why nobody serves an order, the commonest reason first. Amounts are of `token`. */
export function describeWhyNot({ candidates, reasons }: WhyNot, token: Token): string[] {
  const state = STATES[reasons[0]?.reason ?? '']
  if (state) return [state]
  if (candidates === 0 && reasons.length === 0) return ['Nobody offers anything now: 0 candidates.']
  // One that fits is about to be taken.
  if (reasons.length === 0) return ['An offer fits; the order is being matched.']
  const counted = [...reasons].sort((a, b) => b.count - a.count)
  return [
    `${candidates} ${candidates === 1 ? 'candidate' : 'candidates'}, and why each does not fit:`,
    ...table(
      counted.map(({ reason, count, example }) => [
        `  ${count} ×`,
        reason,
        example ? describeExample(example, token) : '',
      ]),
    ),
  ]
}

function describeExample({ account, has, wants, unit }: Example, token: Token): string {
  const show = UNITS[unit]
  return `${shorten(account)} has ${show(has, token)} where the bid wants ${show(wants, token)}`
}
