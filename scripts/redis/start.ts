// Starts a Redis of one's own, the way production should run it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { isServing, serverProcess } from './ask.ts'
import { RedisStartError } from './errors.ts'
import { locateRedis } from './locate.ts'

/** Milliseconds between two PINGs to a server that is starting. */
const ASK_EVERY = 20
/** Milliseconds within which a server must answer; reading back a large append-only file takes longest. */
const START_LIMIT = 30_000

export interface RedisOptions {
  /** Folder for its data; made if missing. A server started there again finds what it had. */
  readonly dir: string
  /** 0 or none: a free port. */
  readonly port?: number
  /** Whether each change is appended to a file that survives a kill. Default: yes. */
  readonly appendonly?: boolean
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Ends it in order, and resolves when the process is gone. */
  stop(): Promise<void>
  /** Ends it without a chance to tidy up, and resolves when the process is gone. */
  kill(): Promise<void>
}

/**
 * Starts Redis and resolves once it serves.
 * @throws RedisUnavailableError, RedisStartError
 */
export async function startRedis({ dir, port = 0, appendonly = true }: RedisOptions): Promise<RedisServer> {
  const program = await locateRedis()
  await mkdir(dir, { recursive: true })
  const chosen = port || (await freePort())
  const settings = {
    bind: '127.0.0.1',
    port: String(chosen),
    dir,
    appendonly: appendonly ? 'yes' : 'no',
    // BullMQ's keys are not a cache: without room, Redis must refuse and never drop one.
    'maxmemory-policy': 'noeviction',
    // Everything is in the append-only file; snapshots beside it would only cost time.
    save: '',
  }
  const child = spawn(
    program.path,
    Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LD_LIBRARY_PATH: program.libraries.join(':') },
    },
  )
  const log = collect(child)
  await answered(child, chosen, log)

  const end = (signal: 'SIGTERM' | 'SIGKILL') => async () => {
    if (hasEnded(child)) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    stop: end('SIGTERM'),
    kill: end('SIGKILL'),
  }
}

async function answered(child: ChildProcess, port: number, log: () => string): Promise<void> {
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  const deadline = Date.now() + START_LIMIT
  // Somebody else's server may hold the port and answer: the process id tells them apart.
  while (!((await isServing(port)) && (await serverProcess(port)) === child.pid)) {
    if (hasEnded(child)) failure ??= `it ended with ${child.exitCode ?? child.signalCode}`
    if (!failure && Date.now() > deadline) {
      failure = `no answer within ${START_LIMIT / 1000} s`
      child.kill('SIGKILL')
    }
    if (failure) throw new RedisStartError(failure, log())
    await delay(ASK_EVERY)
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-8_192)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
