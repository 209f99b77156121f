import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Hex } from 'viem'

export interface VerifyRequest {
  path: string
  kind: 'program' | 'data'
}

/** A blob's name with the plain hash of its bytes, or why the machine refuses the module. */
export type Named =
  | { root: Hex; hash: Hex }
  | { refused: { message: string; facts: Record<string, unknown> } }

/** Longer than this no module of the largest size takes; MiB of heap likewise. */
const LIMITS = { ms: 30_000, heapMb: 1_024 }

/** Derives names of blobs in one thread, one after another; a thread that fails or hangs is replaced. */
export class Verifier {
  #worker: Worker | undefined
  #turn: Promise<unknown> = Promise.resolve()

  name(request: VerifyRequest): Promise<Named> {
    const named = this.#turn.then(() => this.#name(request))
    this.#turn = named.catch(() => {})
    return named
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  async #name(request: VerifyRequest): Promise<Named> {
    this.#worker ??= start()
    const worker = this.#worker
    const limit = AbortSignal.timeout(LIMITS.ms)
    try {
      worker.postMessage(request)
      const [named] = await once(worker, 'message', { signal: limit })
      return named as Named
    } catch (error) {
      this.#worker = undefined
      await worker.terminate()
      const reason = limit.aborted ? `it took longer than ${LIMITS.ms / 1_000} s` : String(error)
      return { refused: { message: `The module could not be checked: ${reason}.`, facts: {} } }
    }
  }
}

function start(): Worker {
  const worker = new Worker(new URL('./verifyWorker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: LIMITS.heapMb },
    env: {},
  })
  worker.unref()
  return worker
}
