/**
 * One run of the step machine to its end, and nothing else: `node plainChild.ts PROGRAM AMOUNT`. One JSON object on
 * stdout, with what the process took at most.
 */
import { buildProgram } from '@millrace/machine'
import { lower, StepMachine } from '@millrace/machine/steps'
import { jobOf } from './job.ts'
import { peakBytes } from './peak.ts'

export interface PlainRun {
  readonly ms: number
  readonly peakBytes: number
}

const [name, amount] = process.argv.slice(2)
const { module, input, limits } = await jobOf(name!, amount!)
const machine = new StepMachine(lower(buildProgram(module).canonical), input, limits)
const begun = performance.now()
machine.runTo(2n ** 62n)
const ms = performance.now() - begun
process.stdout.write(JSON.stringify({ ms, peakBytes: await peakBytes(process.pid) } satisfies PlainRun))
