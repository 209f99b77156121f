/** Runs programs in a thread that has the native stack that the machine asks for; a main thread's is too small. */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { buildProgram, NATIVE_STACK_BYTES, type RunLimits, type RunResult, run } from '@millrace/machine'

interface Task {
  readonly module: Uint8Array
  readonly input: Uint8Array
  readonly limits: RunLimits
}

const MIB = 1024 * 1024

/** Builds and runs a module once; several tasks at once are several threads. */
export async function runInThread(task: Task): Promise<RunResult> {
  const thread = new Worker(new URL(import.meta.url), {
    workerData: task,
    resourceLimits: { stackSizeMb: Math.ceil(NATIVE_STACK_BYTES / MIB) + 1 },
  })
  const [result] = await once(thread, 'message')
  return result
}

if (!isMainThread && parentPort && workerData?.module) {
  const { module, input, limits } = workerData as Task
  parentPort.postMessage(await run(buildProgram(module), input, limits))
}
