// Runs one program to its end with its output kept, and never longer than it may.
import { spawn } from 'node:child_process'

export interface Ended {
  /** Exit code 0, in time. */
  readonly ok: boolean
  readonly stdout: string
  /** The last of what it said on either stream, and why it was ended if it was. */
  readonly output: string
  readonly seconds: number
}

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds after which it is ended and has failed. */
  readonly limit: number
  /** Is told each line of stdout as it comes. */
  readonly onLine?: (line: string) => void
}

/** Characters of output that are kept to be shown when it fails. */
const KEPT = 4_000

export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Ended> {
  const started = performance.now()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  let stdout = ''
  let output = ''
  let pending = ''
  const keep = (text: string) => {
    output = (output + text).slice(-KEPT)
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    keep(text)
    stdout += text
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) options.onLine?.(line)
  })
  child.stderr.setEncoding('utf8').on('data', keep)

  const timer = setTimeout(() => {
    keep(`\n${command} did not end within ${options.limit / 1000} s.`)
    child.kill('SIGKILL')
  }, options.limit)

  return new Promise((resolve) => {
    const end = (ok: boolean) => {
      clearTimeout(timer)
      resolve({ ok, stdout, output, seconds: (performance.now() - started) / 1000 })
    }
    child.on('error', (error) => {
      keep(error.message)
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}
