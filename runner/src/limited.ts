/** One limited process, whatever it is for: started, asked one thing at a time, not believed. */
import { readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { type AbortReason, HostAbort } from './errors.ts'
import { encodeHead, type Frame, FrameReader } from './frames.ts'
import { type Jail, jailCommand } from './jail/command.ts'
import type { ProcessLimits } from './jail/limits.ts'
import { type Jailed, sendSignal, spawnJailed } from './jail/spawn.ts'
import { escapeControls } from './printable.ts'

/** How a process is started. */
export interface LimitedOptions {
  readonly jail: Jail
  readonly limits: ProcessLimits
  readonly niceness: number
  /** The one file that it runs: `openBundle`. */
  readonly bundle: string
  /**
   * Takes what the process says on the way to an answer; nothing comes back for what is none of it. Until it is done,
   * nothing more is read. What it throws ends the process.
   */
  readonly aside?: (frame: Frame) => Promise<void> | undefined
}

/** What an answer may take. */
export interface AskLimits {
  readonly maxBody: number
  readonly wallMs: number
}

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

export class LimitedProcess {
  readonly startedAt = performance.now()
  readonly ready: Promise<void>
  readonly #jailed: Jailed
  readonly #reader = new FrameReader(0)
  readonly #aside: LimitedOptions['aside']
  #pending: Pending | undefined
  #ended: HostAbort | undefined
  #killedFor: AbortReason | undefined
  #stderr = ''
  readonly #exited: Promise<void>

  constructor({ jail, limits, niceness, bundle, aside }: LimitedOptions) {
    this.#aside = aside
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
    const late = setTimeout(() => this.kill('died', `it was not ready after ${START_MS} ms`), START_MS)
    this.ready = new Promise<Frame>((resolve, reject) => {
      this.#pending = { resolve, reject }
    }).then(() => clearTimeout(late))
    // Whoever asks hears of it; a spare that dies unused is no unhandled rejection.
    this.ready.catch(() => {})
  }

  /** The process's own, not that of what stands around it. */
  get pid(): number | undefined {
    return this.#jailed.pid()
  }

  get alive(): boolean {
    return this.#ended === undefined && this.#killedFor === undefined
  }

  /**
   * Asks, once the last question is answered.
   *
   * @throws {HostAbort} where the process died, or said itself that the host could not go on
   */
  async ask(head: object, bodies: readonly Uint8Array[], { maxBody, wallMs }: AskLimits): Promise<Frame> {
    if (this.#ended) throw this.#ended
    this.#reader.maxBody = maxBody
    const answer = new Promise<Frame>((resolve, reject) => {
      this.#pending = { resolve, reject }
    })
    const watchdog = setTimeout(() => this.kill('wall-time', `it ran longer than ${wallMs} ms`), wallMs)
    try {
      void this.say(head, bodies)
      const frame = await answer
      if (frame.head.aborted) throw new HostAbort('host-abort', reasonIn(frame.head.aborted))
      return frame
    } finally {
      clearTimeout(watchdog)
    }
  }

  /**
   * Sends a frame that nobody answers. Resolves when there is room for another one, or nobody for it: what a process that
   * does not read asks for must not gather here.
   */
  async say(head: object, bodies: readonly Uint8Array[]): Promise<void> {
    const stdin = this.#jailed.child.stdin!
    const length = bodies.reduce((sum, body) => sum + body.length, 0)
    stdin.write(encodeHead(head, length))
    for (const body of bodies) if (body.length > 0) stdin.write(body)
    if (!stdin.writableNeedDrain || stdin.destroyed) return
    await new Promise<void>((resolve) => {
      const done = () => {
        stdin.off('drain', done).off('close', done)
        resolve()
      }
      stdin.on('drain', done).on('close', done)
    })
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

  /** Ends it for what it said or did; whoever waits for an answer gets what comes back. */
  kill(reason: AbortReason, detail: string): HostAbort {
    this.#killedFor ??= reason
    this.#jailed.kill()
    return this.#end(reason, detail)
  }

  /** Ends it now; resolves when it is gone. */
  async stop(): Promise<void> {
    this.kill('stopped', 'nobody has any more use for it')
    await this.#exited
  }

  async #take(chunk: Uint8Array): Promise<void> {
    const { stdout } = this.#jailed.child
    try {
      for (const frame of this.#reader.push(chunk)) {
        const pending = this.#pending
        if (!pending) throw new Unasked()
        const aside = this.#aside?.(frame)
        if (aside) {
          stdout!.pause()
          await aside
          continue
        }
        this.#pending = undefined
        pending.resolve(frame)
      }
    } catch (error) {
      if (error instanceof HostAbort) this.kill(error.reason, error.detail)
      else if (error instanceof Unasked) this.kill('died', 'it spoke without being asked')
      else this.kill('output-flood', error instanceof Error ? error.message : String(error))
    } finally {
      stdout!.resume()
    }
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

class Unasked extends Error {}

/** Why, as the child says it: it goes to the log, and to the matcher, which takes no more than a few lines. */
export function reasonIn(said: unknown): string {
  return typeof said === 'string' ? escapeControls(said).slice(0, REASON_CHARS) : 'no reason was given'
}

/** A number as the child writes it; nothing for what is none. */
export function unsigned(text: unknown): bigint | undefined {
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
