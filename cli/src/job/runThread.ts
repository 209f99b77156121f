/** The thread of `threadRunner`: one program, one answer. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Program, type RunLimits, type RunResult, run } from '@millrace/machine'

export type Answer = RunResult

interface Task {
  readonly program: Program
  readonly input: Uint8Array
  readonly limits: RunLimits
}

const { program, input, limits } = workerData as Task
parentPort!.postMessage((await run(program, input, limits)) satisfies Answer)
