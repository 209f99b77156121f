import { formatAmount, type Token } from '@millrace/sdk'

/** Money that leaves one place for several. */
export interface Flow {
  readonly from: string
  readonly parts: readonly { readonly to: string; readonly amount: bigint }[]
}

/**
 * A flow as a small picture, in whose branches every unit of what went in comes out again:
 *
 * ```
 * tasker ── 1.5 MILL ─▶ escrow ─┬─ 1.2 MILL ─▶ provider
 *                               └─ 0.3 MILL ─▶ tasker, not used
 * ```
 */
export function drawFlow({ from, parts }: Flow, unit: Pick<Token, 'symbol' | 'decimals'>): string[] {
  const shown = parts.filter(({ amount }) => amount > 0n)
  const total = shown.reduce((sum, { amount }) => sum + amount, 0n)
  const head = `${from} ── ${formatAmount(total, unit)} ─▶ escrow ─`
  const amounts = shown.map(({ amount }) => formatAmount(amount, unit))
  const width = Math.max(...amounts.map((text) => text.length))
  return shown.map(({ to }, index) => {
    const lead = index === 0 ? head : ' '.repeat(head.length)
    return `${lead}${branch(index, shown.length)}─ ${amounts[index]!.padStart(width)} ─▶ ${to}`
  })
}

function branch(index: number, count: number): string {
  if (count === 1) return '─'
  if (index === 0) return '┬'
  return index === count - 1 ? '└' : '├'
}
