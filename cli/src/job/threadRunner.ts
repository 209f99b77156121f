import { Worker } from 'node:worker_threads'
import { NATIVE_STACK_BYTES, type RunResult } from '@millrace/machine'
import type { Runner } from '@millrace/sdk'
import type { Answer } from './runThread.ts'

const MIB = 2 ** 20

/** Runs each program in a thread of its own, with the stack that the machine asks for; Ctrl-C ends it. */
export function threadRunner(interrupted: AbortSignal): Runner {
  return async (program, input, limits) => {
    interrupted.throwIfAborted()
    const thread = new Worker(new URL('./runThread.ts', import.meta.url), {
      workerData: { program, input, limits },
      resourceLimits: { stackSizeMb: Math.ceil(NATIVE_STACK_BYTES / MIB) + 1 },
    })
    const result = Promise.withResolvers<RunResult>()
    thread.once('message', (answer: Answer) => result.resolve(answer))
    thread.once('error', result.reject)
    const stop = () => result.reject(interrupted.reason)
    interrupted.addEventListener('abort', stop, { once: true })
    try {
      return await result.promise
    } finally {
      interrupted.removeEventListener('abort', stop)
      await thread.terminate()
    }
  }
}
