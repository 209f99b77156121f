// What a proof game costs in gas: every transaction of both sides, through the market's own disputes.
import { expect } from 'chai'
import type { Side } from '../../sdk/src/proof/game.ts'
import { rootOf, sectionOf } from '../../sdk/src/proof/split.ts'
import { countingRun } from './support/countingRuns.ts'
import { type Player, playOut } from './support/proofGames.ts'
import { deployProofMarket, type ProofMarket } from './support/proofMarket.ts'
import { compare, expectClose } from './support/snapshot.ts'

const MOST_A_MOVE = 80_000
/** For games over so many steps, by the power of two. */
const MOST_A_GAME = { 30: 1_000_000, 40: 1_200_000 } as const
/** The dearest measured step costs 131,759 by itself (`steps.json`), and some 20 words of game and section beside it. */
const DEAREST_PROOF = 160_000

const playerOf = ({ run, witness }: ReturnType<typeof countingRun>): Player => ({ run, witness })
const sum = (gas: readonly number[]) => gas.reduce((all, each) => all + each, 0)

describe('the gas of a proof game', () => {
  let market: ProofMarket
  const measured: Record<string, number> = {}

  before(async () => {
    market = await deployProofMarket()
  })

  for (const power of [30, 40] as const) {
    const steps = 2n ** BigInt(power) - 2_048n
    const truth = countingRun(steps)
    const liar = countingRun(steps, (steps * 2n) / 3n)
    const name = (what: string) => `2^${power}, ${what}`

    for (const [by, mine, theirs] of [
      ['challenge', liar, truth],
      ['challengeLeaf', liar, truth],
      ['challenge', truth, liar],
    ] as const) {
      const verdict = mine === liar ? 'guilty' : 'clean'

      it(`over 2^${power} steps, opened by ${by}, ${verdict}, is within its bounds`, async () => {
        const { deal, evidence } = await market.leaseOf(mine)
        const opened = await market[by](deal, evidence)
        const players: Record<Side, Player> = { provider: playerOf(mine), challenger: playerOf(theirs) }
        const table = { scheme: market.proofs, time: market.time, by: market.by }
        const played = await playOut(table, opened.standing, await mine.defence(), players, opened.heard)
        const settled = await market.settle(deal, opened.dispute)
        const [defend, ...rest] = played.gas
        const splits = rest.slice(0, -1)
        const all = [Number(opened.receipt.gasUsed), ...played.gas, Number(settled.gasUsed)]

        expect(Math.max(...Object.values(played.moves))).to.be.at.most(5)
        expect(Math.max(defend!, ...splits)).to.be.at.most(MOST_A_MOVE)
        expect(sum(all)).to.be.at.most(MOST_A_GAME[power])
        // Ended by the dearest step of the real machine as well.
        expect(sum(all) - rest.at(-1)! + DEAREST_PROOF).to.be.at.most(MOST_A_GAME[power])
        measured[name(by)] = all[0]!
        measured[name('defend')] = defend!
        measured[name('split, most')] = Math.max(...splits)
        measured[played.how === 'proof' ? name('prove, a step that counts') : name('timeout')] = rest.at(-1)!
        measured[name(`settle, ${verdict}, ${by}`)] = all.at(-1)!
        measured[name(`all, ${verdict}, ${by}`)] = sum(all)
      })
    }
  }

  it('of a move is bounded by its calldata, whatever hashes it has', async () => {
    const full = `0x${'ff'.repeat(32)}`
    const run = countingRun(2n ** 40n - 2_048n)
    const { deal, evidence } = await market.leaseOf(run)
    const { standing } = await market.challenge(deal, evidence)
    const ends = Array.from({ length: 32 }, () => full as `0x${string}`)
    const { game } = standing
    const hashes = Object.fromEntries(Object.entries(await run.defence()).map(([key]) => [key, full]))
    const defence = {
      ...hashes,
      fuel: 2n ** 64n - 1n,
      level: 13,
      // pages: 16 bytes; registers: fields far below their most; sizes: three words of 4 and 8 bytes, 8 spare.
      pages: `0x${'00'.repeat(2)}ffff${'00'.repeat(2)}ffff${'00'.repeat(2)}ffff${'00'.repeat(2)}ffff${'00'.repeat(16)}`,
      registers: `0x${'00ffffff'.repeat(4)}${'ff'.repeat(8)}00ffffff${'0000'}0001`,
      sizes: `0x0000ffff0000ffff00000000ffffffff00000000ffffffff${'00'.repeat(8)}`,
      states: ends.slice(1),
    }
    const section = sectionOf({ start: ends[0]!, ends }, 31)
    expect(rootOf({ start: ends[0]!, ends })).to.not.equal(full)
    const state = (1n << 248n) - 1n - (0xfffffffn << 80n)
    const encode = (method: string, args: unknown[]) =>
      market.proofs.interface.encodeFunctionData(method, args)
    measured['defend, full words'] = leastGas(encode('defend', [{ ...game, state }, defence]))
    measured['split, full words'] = leastGas(encode('split', [{ ...game, state }, section, ends]))
    expect(measured['defend, full words']).to.be.at.most(MOST_A_MOVE)
    expect(measured['split, full words']).to.be.at.most(MOST_A_MOVE)
  })

  it('is what it was', async () => {
    await compare('proof', measured, expectClose)
  })
})

/** The least that a transaction with this calldata costs (EIP-7623). */
function leastGas(calldata: string): number {
  const bytes = Buffer.from(calldata.slice(2), 'hex')
  return bytes.reduce((gas, byte) => gas + (byte === 0 ? 10 : 40), 21_000)
}
