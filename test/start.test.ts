/** The first command of a newcomer, as a process of its own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const START = fileURLToPath(new URL('../scripts/start.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'millrace-start-'))
afterAll(() => rmSync(dir, { recursive: true }))

it('npm start -- --once --json: a job is paid, a lie is slashed, and everything ends', async () => {
  const child = spawn(process.execPath, [START, '--once', '--json'], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect({ exitCode: await closed, stderr }).toMatchObject({ exitCode: 0 })

  const amount = expect.stringMatching(/^\d+$/)
  const report = JSON.parse(stdout) // one object, and nothing else
  expect(report).toMatchObject({
    ok: true,
    job: { status: 'exited', exitCode: 0, most: amount, paid: amount, symbol: 'TEST' },
    dispute: { verdict: 'guilty', collateral: amount, toTasker: amount, burned: amount },
    gas: { open: amount, close: amount, challenge: amount, rule: amount, slash: amount },
  })
  expect(BigInt(report.job.paid)).toBeLessThanOrEqual(BigInt(report.job.most))
  const { collateral, toTasker, toArbiter, burned } = report.dispute
  expect(BigInt(toTasker) + BigInt(toArbiter) + BigInt(burned)).toBe(BigInt(collateral))
  for (const phase of ['quoted', 'signed', 'leased', 'paid', 'challenged', 'slashed'])
    expect(stderr).toContain(phase)
  expect(existsSync(join(dir, '.millrace', 'dev.json'))).toBe(false)
})
