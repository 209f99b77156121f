/** The first command of a newcomer, as a process of its own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { groupThousands } from '../cli/src/format/groupThousands.ts'

const START = fileURLToPath(new URL('../scripts/start.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'millrace-start-'))
afterAll(() => rmSync(dir, { recursive: true }))

const amount = expect.stringMatching(/^\d+$/)
const hash = expect.stringMatching(/^0x[0-9a-f]{64}$/)
const honest = {
  job: { status: 'exited', exitCode: 0, most: amount, paid: amount, symbol: 'TEST' },
  gas: { open: amount, close: amount },
}

async function start(...words: string[]) {
  const child = spawn(process.execPath, [START, '--once', '--json', ...words], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await closed, stdout, stderr }
}

it('npm start -- --once --json: a job is paid, a lie is proven and slashed, and everything ends', async () => {
  const { exitCode, stdout, stderr } = await start()
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  const report = JSON.parse(stdout) // one object, and nothing else
  expect(report).toMatchObject({ ok: true, tour: 'proof', ...honest })
  const { dispute, gas } = report
  expect(dispute).toMatchObject({
    ...{ verdict: 'guilty', collateral: amount, bond: amount, toTasker: amount, toWatcher: amount },
    lie: {
      ...{ step: amount, steps: amount, instruction: expect.any(String), function: expect.anything() },
      ...{ before: hash, proven: { state: hash }, claimed: { state: hash } },
    },
  })
  expect(BigInt(report.job.paid)).toBeLessThanOrEqual(BigInt(report.job.most))
  const { toTasker, toWatcher, burned, lie } = dispute
  expect(BigInt(toTasker) + BigInt(toWatcher) + BigInt(burned)).toBe(BigInt(dispute.collateral))
  expect(lie.claimed).not.toEqual(lie.proven)
  expect(BigInt(lie.step)).toBeLessThan(BigInt(lie.steps))
  // They move in turn, the provider first, and the one who did not lie ends it, by a proof.
  const moves = dispute.moves as { by: string; kind: string; gas: string }[]
  expect(moves.map(({ by }) => by)).toEqual(moves.map((_, i) => (i % 2 === 0 ? 'provider' : 'challenger')))
  expect(moves.map(({ kind }) => kind)).toEqual(['defend', ...moves.slice(2).map(() => 'split'), 'prove'])
  const sum = moves.filter(({ by }) => by === 'provider').reduce((all, move) => all + BigInt(move.gas), 0n)
  expect(BigInt(gas.liar)).toBe(sum)
  expect(BigInt(gas.watcher)).toBeGreaterThan(0n)
  for (const word of ['quoted', 'signed', 'leased', 'paid', 'challenged', 'defended', 'split', 'proved'])
    expect(stderr).toContain(word)
  expect(stderr).toContain(`step ${groupThousands(lie.step)} of`)
  expect(existsSync(join(dir, '.millrace', 'dev.json'))).toBe(false)
})

it('npm start -- --tour arbiter: the lie is judged', async () => {
  const { exitCode, stdout, stderr } = await start('--tour', 'arbiter')
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({
    ...{ ok: true, tour: 'arbiter', ...honest },
    dispute: { verdict: 'guilty', collateral: amount, toTasker: amount, burned: amount },
    gas: { ...honest.gas, challenge: amount, rule: amount, slash: amount },
  })
  const { collateral, toTasker, toArbiter, burned } = report.dispute
  expect(BigInt(toTasker) + BigInt(toArbiter) + BigInt(burned)).toBe(BigInt(collateral))
  for (const word of ['challenged', 'ruled', 'slashed']) expect(stderr).toContain(word)
})

it('npm start -- --tour nowhere: says which tours there are', async () => {
  const { exitCode, stdout } = await start('--tour', 'nowhere')
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'bad-value' } })
})
