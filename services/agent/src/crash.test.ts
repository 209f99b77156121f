/** Kill −9 at every named point, then start again: the same result, once, whatever the second run would say. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaultPoint } from './fault.ts'
import type { Desk } from './fixtures/desk.ts'
import { thaw } from './journal/values.ts'

const MAIN = fileURLToPath(new URL('./fixtures/crashMain.ts', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

type Step = 'serve' | 'lie' | 'claim' | 'answer'

const start = (step: Step, faultPoint?: FaultPoint, dev = '1') =>
  spawnSync(process.execPath, [MAIN, folder, step], {
    env: { PATH: process.env.PATH, MILLRACE_DEV: dev, ...(faultPoint ? { FAULT_AT: faultPoint } : {}) },
    encoding: 'utf8',
  })

/** Runs a step to its end. */
const finish = (step: Step): Pick<Desk, 'told' | 'sent'> => {
  const { stdout, stderr, status } = start(step)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return thaw(stdout)
}

const die = (step: Step, point: FaultPoint) => expect(start(step, point).signal).toBe('SIGKILL')

describe('an agent that is killed', () => {
  it.each(['pull', 'fetch', 'run'] as const)('at %s runs the job after its restart', (point) => {
    die('serve', point)
    const { told } = finish('serve')
    expect(told.results).toHaveLength(1)
    expect(told.results[0]!.result.status).toBe(0)
  })

  it('at run has promised nothing yet: the second run speaks', () => {
    die('serve', 'run')
    const lied = finish('lie').told.results[0]!
    rmSync(join(folder, 'agent.sqlite'))
    const honest = finish('serve').told.results[0]!
    expect(lied.result.output).not.toBe(honest.result.output)
  })

  it.each(['result', 'signed'] as const)(
    'at %s stands by what it wrote, even if it would lie now',
    (point) => {
      die('serve', point)
      const after = finish('lie').told.results[0]!
      rmSync(join(folder, 'agent.sqlite'))
      const honest = finish('serve').told.results[0]!
      expect(after).toEqual(honest)
    },
  )

  it('at claimed answers a demand with the same tree', () => {
    finish('serve')
    die('claim', 'claimed')
    const [answer] = finish('answer').sent.answers
    expect(answer!.claim).toMatchObject({ count: 1, sum: expect.any(BigInt) })
    expect(answer!.papers.result.status).toBe(0)
    expect(answer!.path).toEqual([])
  })

  it('is not killed by a variable outside of development', () => {
    expect(start('serve', 'pull', '').status).toBe(0)
  })
})
