/**
 * One job, one result, whichever engine runs it: program root, status, fuel and output root agree on other Nodes and
 * under other flags of V8. Where the host's stack is too small for a job, there is no result instead of another.
 */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from './browser/findChromium.ts'
import { observeInTab } from './browser/observeInTab.ts'
import { type Engine, MORE_ENGINES, REFERENCE, SHORT_ENGINES } from './determinism/engines.ts'
import { ALL, inputOf, type Job, SHORT } from './determinism/jobs.ts'
import type { Observed } from './determinism/observation.ts'

const deep = Boolean(process.env.MILLRACE_DEEP)
const runs = deep ? 10 : 1
const jobs = deep ? ALL : SHORT
const chromium = await findChromium()
const engines = [...SHORT_ENGINES, browser('Chromium, in a Worker'), ...(deep ? MORE_ENGINES : [])]
const names = jobs.map(({ name }) => name)

let expected: Record<string, Observed[]>
beforeAll(async () => {
  expected = await REFERENCE.observe(names, runs + 1)
})

it('has a result for every job, the same each time', () => {
  for (const name of names) {
    expect(expected[name]![0], name).toMatchObject({ status: expect.any(String) })
    expect(new Set(expected[name]!.map((run) => JSON.stringify(run))).size, name).toBe(1)
  }
})

describe.each(engines)('$name', (engine: Engine) => {
  it.skipIf(engine.missing)(`gets the same${engine.missing ? ` (${engine.missing})` : ''}`, async () => {
    const observed = await engine.observe(names, runs)
    for (const job of jobs) agree(engine, job, observed[job.name]!, expected[job.name]!)
  })
})

/** Nothing there makes the native stack of a Worker larger. */
function browser(name: string): Engine {
  if ('missing' in chromium) return { name, missing: chromium.missing, observe: async () => ({}) }
  const taskOf = async (job: Job) =>
    [job.name, { module: await readFile(job.module), input: await inputOf(job), limits: job.limits }] as const
  return {
    name,
    shallow: true,
    observe: async (_, runs) =>
      observeInTab(chromium.path, Object.fromEntries(await Promise.all(jobs.map(taskOf))), runs),
  }
}

function agree(engine: Engine, { name, deep }: Job, observed: Observed[], [wanted]: Observed[]): void {
  for (const one of observed) {
    if (engine.shallow && deep && one === 'host-abort') continue
    expect(one, name).toEqual(wanted)
  }
}
