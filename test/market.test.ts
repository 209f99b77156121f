/** Every example through the whole market: its output, its price, and where the money went. */
import { readFileSync } from 'node:fs'
import { type Phase, ProgramRefusedError } from '@millrace/sdk'
import type { LocalAccount } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLES, HOSTILE, REFUSED } from '../examples/catalog.ts'
import { balanceOf, booksOf, changes, freeOf } from './support/chain.ts'
import { owedFor, shares } from './support/money.ts'
import { enter, type Person } from './support/people.ts'
import { HELLO, runnable } from './support/programs.ts'
import { useStack } from './support/stack.ts'

const stack = useStack({ providers: ['provider1', 'provider2'], arbiter: false })
let tasker: Person
beforeAll(async () => {
  tasker = await enter(stack(), stack().accounts.tasker)
})

const purses = () => {
  const { tasker, provider1, treasury } = stack().accounts
  return freeOf(stack(), {
    tasker: tasker.address,
    provider: provider1.address,
    matcher: treasury.address,
  })
}

describe('an example', () => {
  it.each(EXAMPLES)('$name writes what its README shows', async (example) => {
    const report = await tasker.run(runnable(example))
    expect(report).toMatchObject({ status: 'exited', exitCode: 0, stderr: '', settled: true })
    expect(Buffer.from(report.output.stdout).equals(readFileSync(example.expected))).toBe(true)
  })

  it('goes through every phase, with the gas of each transaction and never more than was quoted', async () => {
    const phases: Phase[] = []
    const report = await tasker.run({ ...HELLO, verify: true, onPhase: (phase) => phases.push(phase) })
    expect(phases.map(({ phase }) => phase)).toEqual([
      'prepared',
      'quoted',
      'signed',
      'matched',
      'leased',
      'running',
      'finished',
      'checked',
      'paid',
    ])
    const found = Object.fromEntries(phases.map((phase) => [phase.phase, phase]))
    expect(found.checked!.facts.rerun).toBe(true)
    for (const name of ['leased', 'paid']) {
      expect(found[name]!.tx).toMatch(/^0x[0-9a-f]{64}$/)
      expect(found[name]!.gas).toBeGreaterThan(20_000n)
    }
    expect(found.quoted!.facts.most).toBeGreaterThanOrEqual(report.paid)
    expect(found.paid!.facts.amount).toBe(report.paid)
  })
})

describe('a hostile program', () => {
  const limits = { fuel: 100_000_000n, outputMax: 10_000 }

  it.each(HOSTILE)('$name is a result all the same: $status, and is paid by its fuel', async (hostile) => {
    const before = await purses()
    const report = await tasker.run({ program: readFileSync(hostile.module), ...limits })
    expect(report).toMatchObject({ status: hostile.status, exitCode: hostile.exitCode, settled: true })
    // Three writes, each with three bytes before it.
    if (hostile.status === 'output-full') expect(report.output.stdout).toHaveLength(limits.outputMax - 9)
    else expect([report.stdout, report.stderr]).toEqual([hostile.stdout ?? '', hostile.stderr ?? ''])

    expect(report.fuelUsed).toBeGreaterThan(0n)
    expect(report.fuelUsed).toBeLessThanOrEqual(limits.fuel)
    const owed = owedFor(report.fuelUsed, 'provider1')
    const { cost, earned, fees } = shares(owed)
    expect(report.paid).toBe(cost)
    expect(changes(before, await purses())).toEqual({
      ...{ tasker: -cost, provider: earned, matcher: fees, burned: 0n },
    })
  })
})

describe('a module that is refused', () => {
  it.each(REFUSED)(
    '$name never leaves this machine: nothing is signed, nothing is asked',
    async (refused) => {
      const asked: string[] = []
      const { account, signed } = counting(stack().accounts.tasker)
      const fetchCounted: typeof fetch = (input, init) => {
        asked.push(String(input))
        return fetch(input, init)
      }
      const careful = await enter(stack(), account, { fetch: fetchCounted })
      asked.length = 0

      const running = careful.run({ program: readFileSync(refused.module) })
      await expect(running).rejects.toThrow(ProgramRefusedError)
      await expect(running).rejects.toMatchObject({
        code: 'module-refused',
        retryable: false,
        message: expect.stringMatching(refused.because),
      })
      expect(asked.filter((url) => !url.includes('/v1/events'))).toEqual([])
      expect(signed()).toBe(0)
    },
  )
})

describe('the money', () => {
  it('is all there to the unit, and nothing of it is locked', async () => {
    const { accounts } = stack()
    const books = await booksOf(stack(), [accounts.treasury.address])
    expect(books.locked).toBe(0n)
    expect(books.free + books.burned).toBe(books.deposited - books.withdrawn)
    expect(books.held).toBe(books.deposited - books.withdrawn)
    expect((await balanceOf(stack(), accounts.treasury.address)).free).toBeGreaterThan(0n)
  })
})

/** An account that tells how often it signed. */
function counting(account: LocalAccount): { account: LocalAccount; signed: () => number } {
  let signatures = 0
  const counted =
    <A extends unknown[], R>(sign: (...words: A) => R) =>
    (...words: A) => {
      signatures++
      return sign(...words)
    }
  const { sign, signTypedData, signMessage, signTransaction } = account
  return {
    signed: () => signatures,
    account: {
      ...account,
      sign: sign && counted(sign),
      signTypedData: counted(signTypedData) as typeof signTypedData,
      signMessage: counted(signMessage),
      signTransaction: counted(signTransaction) as typeof signTransaction,
    },
  }
}
