import { expect, it } from 'vitest'
import { drawFlow } from './drawFlow.ts'

const unit = { symbol: 'MILL', decimals: 2 }

it('lets every unit that goes in come out again', () =>
  expect(
    drawFlow(
      {
        from: 'tasker',
        parts: [
          { to: 'provider', amount: 1_234n },
          { to: 'matcher', amount: 1n },
          { to: 'nobody', amount: 0n },
          { to: 'tasker, not used', amount: 100n },
        ],
      },
      unit,
    ),
  ).toEqual([
    'tasker ── 13.35 MILL ─▶ escrow ─┬─ 12.34 MILL ─▶ provider',
    '                                ├─  0.01 MILL ─▶ matcher',
    '                                └─     1 MILL ─▶ tasker, not used',
  ]))

it('needs no branch for one', () =>
  expect(drawFlow({ from: 'a', parts: [{ to: 'b', amount: 100n }] }, unit)).toEqual([
    'a ── 1 MILL ─▶ escrow ─── 1 MILL ─▶ b',
  ]))
