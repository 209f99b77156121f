/**
 * Runs jobs on the Node that runs this file, under whatever flags it was given: `node [FLAG…] observe.ts RUNS JOB…`.
 * One JSON object on stdout: for each job, what each of its runs came to.
 */
import { readFile } from 'node:fs/promises'
import { buildProgram, compile, HostAbortError, run } from '@millrace/machine'
import { ALL, inputOf, type Job } from './jobs.ts'
import { type Observed, observation } from './observation.ts'

async function observe(job: Job, runs: number): Promise<Observed[]> {
  const program = buildProgram(await readFile(job.module))
  const input = await inputOf(job)
  const module = await compile(program)
  const observed: Observed[] = []
  for (let i = 0; i < runs; i++) {
    try {
      observed.push(observation(program.root, await run(module, input, job.limits)))
    } catch (thrown) {
      if (!(thrown instanceof HostAbortError)) throw thrown
      observed.push('host-abort')
    }
  }
  return observed
}

const [runs, ...names] = process.argv.slice(2)
const found: Record<string, Observed[]> = {}
for (const name of names) found[name] = await observe(ALL.find((job) => job.name === name)!, Number(runs))
process.stdout.write(JSON.stringify(found))
