import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Hex } from 'viem'

export interface VerifyRequest {
  path: string
  kind: 'program' | 'data'
}

/** A blob's name with the plain hash of its bytes, or why the machine refuses the module. */
export type Named =
  | { root: Hex; hash: Hex }
  | { refused: { message: string; facts: Record<string, unknown> } }

export interface VerifyLimits {
  /** For one blob. */
  readonly ms: number
  /** MiB of V8's heap, and of all memory of the process: most of what a module becomes lies outside the heap. */
  readonly heapMb: number
  readonly memoryMb: number
}

/** More than a module of the largest size takes, if it was not made for that. */
const LIMITS: VerifyLimits = { ms: 30_000, heapMb: 1_024, memoryMb: 2_048 }

const PROCESS = fileURLToPath(new URL('./verifyProcess.ts', import.meta.url))

/** Derives names of blobs in one process, one after another; a process that dies or hangs is replaced. */
export class Verifier {
  readonly #limits: VerifyLimits
  #process: ChildProcess | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(limits = LIMITS) {
    this.#limits = limits
  }

  name(request: VerifyRequest): Promise<Named> {
    const named = this.#turn.then(() => this.#name(request))
    this.#turn = named.catch(() => {})
    return named
  }

  async close(): Promise<void> {
    await end(this.#process)
  }

  async #name(request: VerifyRequest): Promise<Named> {
    this.#process ??= start(this.#limits)
    const child = this.#process
    const { ms } = this.#limits
    const limit = AbortSignal.timeout(ms)
    const done = new AbortController()
    const signal = AbortSignal.any([limit, done.signal])
    try {
      const died = once(child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`its process ended (${by ?? code}), as it does beyond its memory`)
      })
      const said = once(child, 'message', { signal })
      // Whichever comes second is let go below.
      for (const waited of [died, said]) waited.catch(() => {})
      child.send(request, () => {})
      const [named] = await Promise.race([said, died])
      return named as Named
    } catch (error) {
      this.#process = undefined
      await end(child)
      const reason = limit.aborted ? `it took longer than ${ms / 1_000} s` : (error as Error).message
      return { refused: { message: `The module could not be checked: ${reason}.`, facts: {} } }
    } finally {
      done.abort()
    }
  }
}

/** The kernel's limit where there is one to set. */
const hasPrlimit = spawnSync('prlimit', ['--core=0', 'true'], { stdio: 'ignore' }).status === 0

function start({ heapMb, memoryMb }: VerifyLimits): ChildProcess {
  const node = [process.execPath, `--max-old-space-size=${heapMb}`, PROCESS]
  const limited = hasPrlimit ? ['prlimit', `--data=${memoryMb * 2 ** 20}`, '--core=0', ...node] : node
  const [command, ...args] = limited as [string, ...string[]]
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { PATH: process.env.PATH },
    serialization: 'advanced',
  })
  // A matcher that has nothing else to do may end.
  child.unref()
  child.channel!.unref()
  return child
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.ref()
  child.kill('SIGKILL')
  await ended
}
