import type { WorkerFailure, WorkerJob, WorkerReply, WorkerResult } from './worker.ts'

export type { WorkerJob, WorkerResult } from './worker.ts'

/** What the machine throws, as it comes out of a Worker: `code` tells which of its errors it is. */
export class WorkerJobError extends Error {
  readonly code: string
  readonly retryable: boolean
  readonly remedy: string | undefined

  constructor({ name, message, code, retryable, remedy }: WorkerFailure) {
    super(message)
    this.name = name
    this.code = code ?? 'worker-failed'
    this.retryable = retryable ?? false
    this.remedy = remedy
  }
}

/**
 * Runs one job in a Worker whose script is `@millrace/machine/worker`. Jobs that are given to one Worker at once run
 * one after the other.
 *
 * A Worker's native stack is smaller than what the machine asks for, and nothing in a browser makes it larger: deep
 * recursion fails with `host-abort` there. That is never another result.
 *
 * @throws {WorkerJobError} `host-abort`, `module-refused`, `bad-limits`, or `worker-failed` where the Worker died
 */
export function runInWorker(worker: Worker, job: WorkerJob): Promise<WorkerResult> {
  const { port1: answers, port2: reply } = new MessageChannel()
  const { promise, resolve, reject } = Promise.withResolvers<WorkerResult>()
  const onDeath = (event: ErrorEvent | MessageEvent) => {
    event.preventDefault()
    const message = 'message' in event && event.message ? event.message : 'its script could not be loaded'
    reject(new WorkerJobError({ name: 'WorkerJobError', message: `The Worker failed: ${message}` }))
  }
  worker.addEventListener('error', onDeath)
  answers.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
    if ('result' in data) resolve(data.result)
    else reject(new WorkerJobError(data.failure))
  }
  worker.postMessage(job, [reply])
  return promise.finally(() => {
    worker.removeEventListener('error', onDeath)
    answers.close()
  })
}
