/** Starts a jail's command and learns as whom the job runs: a bubblewrap stands between it and us. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { type Command, FILTER_FD, INFO_FD } from './command.ts'
import { coverInherited } from './descriptors.ts'

export interface Jailed {
  /** What was started. It ends when the job's process ends, and the job's process with it. */
  readonly child: ChildProcess
  /** The job's own process, once it is known. */
  pid(): number | undefined
  /** SIGKILL, which works on a stopped process too and cannot be caught. */
  kill(): void
}

/** @param onPid called once, as soon as the job's process is there */
export function spawnJailed({ command, args, filter, info }: Command, onPid: (pid: number) => void): Jailed {
  // Nothing of the agent's environment goes with it: no keys, no proxies, no NODE_OPTIONS.
  const stdio: StdioOptions[number][] = ['pipe', 'pipe', 'pipe']
  if (info) stdio.push(filter ? 'pipe' : 'ignore', 'pipe')
  for (const [descriptor, nothing] of coverInherited()) {
    while (stdio.length <= descriptor) stdio.push('ignore')
    if (stdio[descriptor] === 'ignore') stdio[descriptor] = nothing
  }
  const child = spawn(command, args, { env: {}, cwd: '/', stdio: stdio as StdioOptions })
  let pid: number | undefined
  let known = false
  let killed = false
  const kill = () => {
    killed = true
    // A bubblewrap that dies before it has named its child leaves one behind that waits for it for ever.
    if (!known) return
    if (info && pid) sendSignal(pid, 'SIGKILL')
    child.kill('SIGKILL')
  }
  const found = (number: number | undefined) => {
    known = true
    pid = number
    if (killed) kill()
    else if (pid) onPid(pid)
  }
  if (!info) found(child.pid)
  else {
    const pipes = child.stdio as unknown as (Duplex | undefined)[]
    const feed = pipes[FILTER_FD]
    // That it ended before it read this is told by 'close' a moment later.
    feed?.on('error', () => {})
    feed?.end(filter)
    collect(pipes[INFO_FD]!, (text) => found(childPid(text)))
  }
  return { child, pid: () => pid, kill }
}

/** bubblewrap's JSON, a field a line. It may say more in later versions. */
function childPid(text: string): number | undefined {
  const found = /"child-pid": (\d+)/.exec(text)
  return found ? Number(found[1]) : undefined
}

function collect(stream: Readable, then: (text: string) => void): void {
  let text = ''
  stream.on('data', (chunk: Uint8Array) => {
    text += Buffer.from(chunk).toString('latin1')
  })
  stream.on('error', () => {})
  stream.once('end', () => then(text))
}

/** To a process that may be gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {}
}
