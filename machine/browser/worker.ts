/**
 * The script of a Web Worker that runs jobs: a message in, a message out. A run blocks its thread, and a page must
 * not be blocked; whoever has waited long enough terminates the Worker.
 *
 * The machine is loaded with the first message: modules that await while they load, as its hash does, would miss
 * messages that come meanwhile.
 */
import type { RunLimits, RunResult } from '../src/index.ts'

export interface WorkerJob {
  /** A `module.wasm`. */
  readonly module: Uint8Array
  /** From `encodeInput`. */
  readonly input: Uint8Array
  readonly limits: RunLimits
}

export interface WorkerResult extends RunResult {
  /** The root of the program that the module became. */
  readonly programRoot: string
}

/** An error of the machine, without its class: that does not survive the way between threads. */
export interface WorkerFailure {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly retryable?: boolean
  readonly remedy?: string
}

export type WorkerReply = { readonly result: WorkerResult } | { readonly failure: WorkerFailure }

addEventListener('message', async ({ data, ports: [reply] }: MessageEvent<WorkerJob>) => {
  reply?.postMessage(await answer(data))
})

async function answer({ module, input, limits }: WorkerJob): Promise<WorkerReply> {
  const machine = await import('../src/index.ts')
  try {
    const program = machine.buildProgram(module)
    return { result: { ...(await machine.run(program, input, limits)), programRoot: program.root } }
  } catch (thrown) {
    const { name, message, code, retryable, remedy } = thrown as WorkerFailure
    return { failure: { name, message, code, retryable, remedy } }
  }
}
