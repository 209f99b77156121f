import type { WhyNot } from '@millrace/sdk/api'
import { table } from '../terminal/table.ts'

/** Why nobody serves an order, the commonest reason first. */
export function describeWhyNot({ candidates, reasons }: WhyNot): string[] {
  if (candidates === 0) return ['Nobody offers anything now: 0 candidates.']
  const counted = [...reasons].sort((a, b) => b.count - a.count)
  return [
    `${candidates} ${candidates === 1 ? 'candidate' : 'candidates'}, and why each does not fit:`,
    ...table(counted.map(({ reason, count, example }) => [`  ${count} ×`, reason, example ?? ''])),
  ]
}
