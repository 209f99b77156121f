/** `millrace`, called as a shell calls it, in a stack's folder. */
import { resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { runCommandLine } from '../../cli/src/program.ts'
import type { Stack } from '../../scripts/stack/startStack.ts'

export interface CallOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: NodeJS.ProcessEnv
  /** As if stdout and stderr were a terminal. */
  readonly terminal?: boolean
  /** Ctrl-C, as soon as this was written. */
  readonly interruptAt?: string
}

export interface Called {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The folder in which a stack's description lies. */
export const folderOf = (stack: Stack): string => resolve(stack.dir, '..', '..')

/** Calls it within this process: everything is real but the start of another one. */
export async function millrace(
  stack: Stack,
  words: readonly string[],
  { stdin = '', env = {}, terminal = false, interruptAt }: CallOptions = {},
): Promise<Called> {
  const interruption = new AbortController()
  const hear = (text: string) => {
    if (interruptAt && text.includes(interruptAt)) interruption.abort()
  }
  const [stdout, stderr] = [collect(hear, terminal), collect(hear, terminal)]
  const input = new PassThrough()
  input.end(stdin)
  const exitCode = await runCommandLine(words, {
    env: { PATH: process.env.PATH, MILLRACE_HOME: folderOf(stack), ...env },
    cwd: folderOf(stack),
    stdin: input,
    stdout: stdout.stream,
    stderr: stderr.stream,
    interrupted: interruption.signal,
  })
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() }
}

/** The JSON that a command answers with `--json`. */
export async function answer<T = Record<string, unknown>>(
  stack: Stack,
  words: readonly string[],
  options?: CallOptions,
): Promise<T & { exitCode: number }> {
  const { stdout, exitCode } = await millrace(stack, ['--json', ...words], options)
  return { ...(JSON.parse(stdout) as T), exitCode }
}

function collect(hear: (text: string) => void, isTTY: boolean) {
  const chunks: Buffer[] = []
  const stream = Object.assign(new PassThrough(), { isTTY })
  const text = () => Buffer.concat(chunks).toString()
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    hear(text())
  })
  return { stream, text }
}
