/** One limited process: started once, given a program once, then inputs one after the other. */
import { readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { STATUS_CODES } from '@millrace/machine'
import { type AbortReason, HostAbort, ModuleRefused } from './errors.ts'
import { encodeHead, type Frame, FrameReader } from './frames.ts'
import { type Jail, jailCommand } from './jail/command.ts'
import type { ProcessLimits } from './jail/limits.ts'
import { type Jailed, sendSignal, spawnJailed } from './jail/spawn.ts'
import { escapeControls, toNote } from './printable.ts'

/** What the process found in a program's bytes. */
export interface LoadedProgram {
  /** The root that follows from the bytes. */
  readonly root: `0x${string}`
  /** Most linear memory that it can ever have, in pages. */
  readonly memoryPages: number
}

/** One run. */
export interface RunRequest {
  readonly input: Uint8Array
  readonly fuel: bigint
  readonly outputMax: number
}

/** How the program ended: the same on every host, but for `trap`. */
export interface RunOutcome {
  readonly status: number
  readonly fuelUsed: bigint
  readonly output: Uint8Array
  /** Why it trapped, in the words of this host's engine, if not of a guest that speaks for it. */
  readonly trap?: string
}

/** Bytes of a frame without output: the loaded program's head alone. */
const NO_BODY = 0
/** What the child says on standard error is for a log, of which nobody reads more. */
const STDERR_BYTES = 4_096
const REASON_CHARS = 500
const CLOCK_TICK_MS = 10
/** Starting takes 0.1 s; a host that takes this long has something wrong with it. */
const START_MS = 15_000

interface Pending {
  readonly resolve: (frame: Frame) => void
  readonly reject: (error: unknown) => void
}

/** A process that is ready to take a program. */
export class JobProcess {
  readonly startedAt = performance.now()
  readonly ready: Promise<void>
  /** Set once a program was loaded. */
  loaded: LoadedProgram | undefined
  readonly #jailed: Jailed
  readonly #reader = new FrameReader(NO_BODY)
  #pending: Pending | undefined
  #ended: HostAbort | undefined
  #killedFor: AbortReason | undefined
  #stderr = ''
  readonly #exited: Promise<void>

  constructor(jail: Jail, limits: ProcessLimits, niceness: number, bundle: string) {
    this.#jailed = spawnJailed(jailCommand(jail, limits, bundle), (pid) => lowerPriority(pid, niceness))
    this.#exited = new Promise((resolve) => {
      this.#jailed.child.once('error', (error) => this.#end('died', error.message))
      this.#jailed.child.once('close', (code, signal) => {
        this.#end(...this.#explain(code, signal))
        clearTimeout(late)
        resolve()
      })
    })
    // A broken pipe is told by 'close' a moment later.
    this.#jailed.child.stdin!.on('error', () => {})
    this.#jailed.child.stdout!.on('data', (chunk: Uint8Array) => this.#take(chunk))
    this.#jailed.child.stderr!.on('data', (chunk: Uint8Array) => {
      this.#stderr = (this.#stderr + Buffer.from(chunk).toString('latin1')).slice(0, STDERR_BYTES)
    })
    const late = setTimeout(() => this.#kill('died', `it was not ready after ${START_MS} ms`), START_MS)
    this.ready = new Promise<Frame>((resolve, reject) => {
      this.#pending = { resolve, reject }
    }).then(() => clearTimeout(late))
    // Whoever loads a program hears of it; a spare that dies unused is no unhandled rejection.
    this.ready.catch(() => {})
  }

  /** The job's own, not that of what stands around it. */
  get pid(): number | undefined {
    return this.#jailed.pid()
  }

  get alive(): boolean {
    return this.#ended === undefined && this.#killedFor === undefined
  }

  /**
   * Derives the program's root and compiles it, unless it may have more memory than that. No byte of the guest runs.
   */
  async load(bytes: Uint8Array, memoryPages: number, wallMs: number): Promise<LoadedProgram> {
    await this.ready
    const { head } = await this.#ask({ do: 'load', memoryPages }, bytes, NO_BODY, wallMs)
    if (head.aborted) throw new HostAbort('host-abort', reasonIn(head.aborted))
    if (head.refused) throw new ModuleRefused(reasonIn(head.refused))
    this.loaded = { root: head.root as `0x${string}`, memoryPages: Number(head.memoryPages) }
    return this.loaded
  }

  /** Runs the loaded program in a fresh instance. */
  async run(request: RunRequest, wallMs: number): Promise<RunOutcome> {
    const ask = { do: 'run', fuel: request.fuel.toString(), outputMax: request.outputMax }
    const { head, body } = await this.#ask(ask, request.input, request.outputMax, wallMs)
    if (head.aborted) throw new HostAbort('host-abort', reasonIn(head.aborted))
    const { status } = head
    const fuelUsed = unsigned(head.fuelUsed)
    const isStatus = Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 4
    if (!isStatus || fuelUsed === undefined || fuelUsed > request.fuel) {
      throw this.#kill('died', 'it answered what no machine answers')
    }
    const isTold = status === STATUS_CODES.trapped && typeof head.trap === 'string'
    const trap = isTold ? toNote(head.trap as string) : undefined
    return { status: Number(status), fuelUsed, output: body, trap }
  }

  /** Stops or continues it: how its share of a CPU is kept. */
  pause(on: boolean): void {
    if (this.alive && this.pid) sendSignal(this.pid, on ? 'SIGSTOP' : 'SIGCONT')
  }

  /** CPU time of all its threads so far, or nothing where the host does not say. */
  cpuMs(): number | undefined {
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS
    } catch {
      return undefined
    }
  }

  /** Ends it now; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#kill('stopped', 'the agent has no more use for it')
    await this.#exited
  }

  async #ask(head: object, body: Uint8Array, maxBody: number, wallMs: number): Promise<Frame> {
    if (this.#ended) throw this.#ended
    this.#reader.maxBody = maxBody
    const answer = new Promise<Frame>((resolve, reject) => {
      this.#pending = { resolve, reject }
    })
    const watchdog = setTimeout(() => this.#kill('wall-time', `it ran longer than ${wallMs} ms`), wallMs)
    try {
      this.#jailed.child.stdin!.write(encodeHead(head, body.length))
      if (body.length > 0) this.#jailed.child.stdin!.write(body)
      return await answer
    } finally {
      clearTimeout(watchdog)
    }
  }

  #take(chunk: Uint8Array): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        const pending = this.#pending
        this.#pending = undefined
        if (!pending) this.#kill('died', 'it spoke without being asked')
        else pending.resolve(frame)
      }
    } catch (error) {
      this.#kill('output-flood', error instanceof Error ? error.message : String(error))
    }
  }

  #kill(reason: AbortReason, detail: string): HostAbort {
    this.#killedFor ??= reason
    this.#jailed.kill()
    return this.#end(reason, detail)
  }

  #end(reason: AbortReason, detail: string): HostAbort {
    this.#ended ??= new HostAbort(reason, detail)
    this.#pending?.reject(this.#ended)
    this.#pending = undefined
    return this.#ended
  }

  #explain(code: number | null, signal: NodeJS.Signals | null): [AbortReason, string] {
    // V8 aborts with a signal when its heap or its code space is full, and says so on standard error.
    if (/out of memory|OOM|bad_alloc|Allocation failed/i.test(this.#stderr))
      return ['memory', 'V8 had no memory left']
    // Nobody here sent it.
    const end = signal ?? signalOf(code)
    if (end === 'SIGKILL') return ['died', 'the kernel ended it: no CPU time or no memory was left']
    const last = this.#stderr.trim().split('\n').at(-1)?.slice(0, 200)
    return ['died', `${end ?? `exit code ${code}`}${last ? `: ${escapeControls(last)}` : ''}`]
  }
}

/** Why, as the child says it: it goes to the log, and to the matcher, which takes no more than a few lines. */
function reasonIn(said: unknown): string {
  return typeof said === 'string' ? escapeControls(said).slice(0, REASON_CHARS) : 'no reason was given'
}

/** A number as the child writes it; nothing for what is none. */
function unsigned(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined
}

/** Of the job's first thread, and so of all that it starts. A job that is gone needs none. */
function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness)
  } catch {}
}

/** bubblewrap, like a shell, ends with 128 and the signal that ended the job. */
function signalOf(code: number | null): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0]
}
