/** The real service as a process that can be killed, over data that stays. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from '../../src/fault.ts'
import type { MatcherConfig } from '../../src/index.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface MatcherProcess {
  url: string
  pid: number
  /** Resolves when the process has ended, with the signal that ended it. */
  ended: Promise<NodeJS.Signals | null>
  kill(signal?: NodeJS.Signals): Promise<void>
}

export async function spawnMatcher(config: MatcherConfig, faultAt?: FaultPoint): Promise<MatcherProcess> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['pipe', 'pipe', process.env.MATCHER_LOG ? 'inherit' : 'ignore'],
    // Starts are most of what these tests take: the second one finds its code compiled.
    env: {
      NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-compiled'),
      MILLRACE_DEV: '1',
      ...(faultAt && { FAULT_AT: faultAt }),
    },
  })
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  child.stdin.end(JSON.stringify(config))
  const line = createInterface({ input: child.stdout })
  const url = await Promise.race([
    once(line, 'line').then(([text]) => JSON.parse(text).url as string),
    // A fault may strike while it recovers, before it says that it is ready.
    ended.then(() => ''),
  ])
  return {
    url,
    pid: child.pid!,
    ended,
    async kill(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}
