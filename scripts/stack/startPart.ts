import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PartFailedError } from './errors.ts'
import { forgetProcess, rememberProcess } from './leftovers.ts'

const LEASH = new URL('./leash.ts', import.meta.url).href
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Parts come up in seconds; a slow machine compiles its caches first. */
const START_LIMIT_MS = 60_000
/** After this a part that was asked to end is killed. */
const STOP_LIMIT_MS = 8_000
const LAST_LINES = 12

/** How to start a part, and how to see that it is up. */
export interface PartPlan<Ready> {
  readonly name: string
  readonly script: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logFile: string
  /** The stack's folder, where the process is noted. */
  readonly dir: string
  /** Reads a line that the part printed; what is returned first is what `ready` holds. */
  readonly readLine: (line: string) => Ready | undefined
}

/** A process of the stack. */
export interface Part<Ready> {
  readonly name: string
  readonly logFile: string
  pid(): number
  isUp(): boolean
  /** Ends it at once by default, as a crash would. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Ends it in order. */
  stop(): Promise<void>
  /** Starts it again as it was, after `kill` or `stop`; ends it first if it is up. */
  restart(env?: Readonly<Record<string, string>>): Promise<Ready>
  /** Stops the clock for it, as a stalled machine would; `resume` lets it go on. */
  pause(): void
  resume(): void
  /** Sends a message to a part that listens for some. */
  send(message: unknown): void
  /** Hears of an end that nobody asked for. */
  onCrash(listener: (error: PartFailedError) => void): void
}

/** Starts a process and resolves when it says that it is up. */
export async function startPart<Ready>(plan: PartPlan<Ready>): Promise<{ part: Part<Ready>; ready: Ready }> {
  const listeners: ((error: PartFailedError) => void)[] = []
  const onCrash = (error: PartFailedError) => {
    for (const listener of listeners) listener(error)
  }
  let running = await launch(plan, plan.env ?? {}, onCrash)
  const part: Part<Ready> = {
    name: plan.name,
    logFile: plan.logFile,
    pid: () => running.child.pid!,
    isUp: () => !hasEnded(running.child),
    kill: (signal = 'SIGKILL') => end(running, signal),
    stop: () => end(running, 'SIGTERM'),
    async restart(env = {}) {
      await end(running, 'SIGTERM')
      running = await launch(plan, { ...plan.env, ...env }, onCrash)
      return running.ready
    },
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
    send: (message) => void running.child.send(message as object),
    onCrash: (listener) => void listeners.push(listener),
  }
  return { part, ready: running.ready }
}

interface Running<Ready> {
  readonly child: ChildProcess
  readonly ready: Ready
  readonly exited: Promise<void>
  /** Set where the end is wanted. */
  readonly ending: { wanted: boolean }
}

async function launch<Ready>(
  plan: PartPlan<Ready>,
  env: Readonly<Record<string, string>>,
  onCrash: (error: PartFailedError) => void,
): Promise<Running<Ready>> {
  mkdirSync(dirname(plan.logFile), { recursive: true })
  const log = createWriteStream(plan.logFile, { flags: 'a' })
  // In a session of its own, so that Ctrl-C reaches the stack alone, which then ends its parts in order.
  const child = spawn(process.execPath, ['--import', LEASH, plan.script, ...(plan.args ?? [])], {
    cwd: ROOT, // where Hardhat finds its configuration
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  })
  const ending = { wanted: false }
  const lastLines: string[] = []
  const started = Promise.withResolvers<Ready>()
  const exited = Promise.withResolvers<void>()
  const hear = (line: string) => {
    log.write(`${line}\n`)
    lastLines.push(line)
    if (lastLines.length > LAST_LINES) lastLines.shift()
    const ready = plan.readLine(line)
    if (ready !== undefined) started.resolve(ready)
  }
  createInterface({ input: child.stdout! }).on('line', hear)
  createInterface({ input: child.stderr! }).on('line', hear)

  const fail = (reason: string) => new PartFailedError(plan.name, reason, plan.logFile, lastLines)
  child.once('error', (error) => started.reject(fail(`could not be started: ${error.message}`)))
  // "close" and not "exit": by then everything that it said was heard.
  child.once('close', (code, signal) => {
    forgetProcess(plan.dir, child.pid)
    const error = fail(`ended with ${signal ?? `exit code ${code}`}`)
    started.reject(error)
    // It has ended when its last words can be read.
    log.end(() => exited.resolve())
    if (!ending.wanted) onCrash(error)
  })
  const limit = setTimeout(
    () => started.reject(fail(`did not come up within ${START_LIMIT_MS / 1000} s`)),
    START_LIMIT_MS,
  )
  rememberProcess(plan.dir, plan.name, child.pid)
  try {
    return { child, ready: await started.promise, exited: exited.promise, ending }
  } catch (error) {
    ending.wanted = true
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(limit)
  }
}

async function end<Ready>(running: Running<Ready>, signal: NodeJS.Signals): Promise<void> {
  running.ending.wanted = true
  if (hasEnded(running.child)) return running.exited
  running.child.kill('SIGCONT') // one that is paused hears nothing
  running.child.kill(signal)
  const limit = setTimeout(() => running.child.kill('SIGKILL'), STOP_LIMIT_MS)
  await running.exited
  clearTimeout(limit)
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Settings of the user's own deployments must not leak into a stack that stands alone. */
function inheritedEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MILLRACE_|MATCHER_|DATABASE_URL$|REDIS_URL$|NODE_OPTIONS$|VITEST)/.test(name),
  )
  return Object.fromEntries(kept)
}

/** The path of a script, given relative to this folder. */
export const scriptPath = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
