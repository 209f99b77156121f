/** The README's examples run as they stand, one after the other, against a market in this process. */
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deposit } from '../src/actions/deposit.ts'
import { mint } from '../src/actions/transactions.ts'
import { playGame } from '../src/proof/playGame.ts'
import { START_TIMEOUT, startChain, type TestChain } from './chain.ts'
import { echoProgram } from './echo.ts'
import { CHALLENGER, INPUT, openArena, PROVIDER, SHORT } from './games.ts'
import { startMarket, type TestMarket } from './market.ts'

const WEALTH = 10n ** 18n
const LIE = { step: 3_456n, field: 'output', seed: 1 } as const

let chain: TestChain
let market: TestMarket

beforeAll(async () => {
  chain = await startChain()
  market = await startMarket(chain)
  const { token } = chain.contracts
  for (const index of [1, 2])
    await mint(chain.client(index), { token, to: chain.account(index).address, amount: WEALTH })
  await deposit(chain.client(2), { token, amount: WEALTH })
}, START_TIMEOUT)

afterAll(async () => {
  await market?.close()
  await chain?.close()
})

it('every example runs', { timeout: 120_000 }, async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)
  expect(examples.length).toBeGreaterThan(4)

  const said: unknown[][] = []
  const console = {
    log: (...words: unknown[]) => said.push(words),
    error: (...words: unknown[]) => said.push(words),
  }
  // What the text says is there, and the chain of this process behind the market's address.
  const scope: Record<string, unknown> = { program: await echoProgram(), account: chain.account(1), console }
  for (const example of examples) {
    const game = example.includes('playGame') ? await openGame() : undefined
    Object.assign(scope, await runExample(example, { ...scope, ...game?.scope }))
    await game?.provider
  }

  expect(said[0]).toEqual(['text', expect.stringMatching(/^0\.\d+ TEST$/)])
  expect(said).toContainEqual(['first', 'second', expect.stringMatching(/ TEST$/)])
  expect(said).toContainEqual(['left; the job goes on'])
  expect(scope.job).toMatchObject({ stdout: 'text', settled: true })
  expect(said).toContainEqual(['guilty', true, LIE.step - 1n, expect.any(BigInt)])
  expect(said.at(-2)?.[0]).toBe('insufficient-funds')
})

/** A contested lie, whose provider plays it to its end. */
async function openGame() {
  const arena = await openArena(chain)
  const { caseId, known } = await arena.contest('short', LIE)
  const tracer = await arena.tracer('short', LIE)
  const provider = playGame(chain.client(PROVIDER), { caseId, known, side: 'provider', tracer })
  return {
    provider,
    scope: { caseId, known, client: chain.client(CHALLENGER), program: SHORT, input: INPUT },
  }
}

/** Runs one example in what the ones before it left, and gives what it leaves. */
async function runExample(example: string, scope: Record<string, unknown>): Promise<Record<string, unknown>> {
  const code = stripTypeScriptTypes(example)
    .replace(/import (\{[^}]*\}) from '@millrace\/sdk'/g, 'const $1 = await sdk()')
    .replaceAll('http://127.0.0.1:8080', market.url)
    .replace(/account(,| \}\))/, 'account, transport$1')
  const names = [...code.matchAll(/^(?:const|let) (?:\[([^\]]*)\]|\{([^}]*)\}|(\w+))/gm)].flatMap((match) =>
    (match[1] ?? match[2] ?? match[3])!.split(',').map((name) => name.trim()),
  )
  const given = Object.keys(scope).filter((name) => !names.includes(name))
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  const body = `'use strict'\n${code}\nreturn { ${names.filter(Boolean).join(', ')} }`
  const run = new AsyncFunction('sdk', 'transport', ...given, body)
  return run(() => import('../src/index.ts'), chain.transport, ...given.map((name) => scope[name]))
}
