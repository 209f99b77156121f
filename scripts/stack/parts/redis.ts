import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface RedisReady {
  readonly url: string
  readonly prefix: string
}

type Said = { readonly borrowed: true } | { readonly borrowed: false; url: string; port: number }

export interface RedisOptions {
  readonly dir: string
  /** 0, the default, takes any that is free. */
  readonly port?: number
  /** A server that is up already, to be used instead of one of the stack's own. */
  readonly url?: string | undefined
}

/**
 * Starts Redis. `restart` comes back on the same port, so that those who were connected find it again; `kill` is a
 * power cut for Redis itself, not only for the process that keeps it.
 */
export async function startStackRedis({
  dir,
  port = 0,
  url,
}: RedisOptions): Promise<{ part: Part<RedisReady>; ready: RedisReady }> {
  // A chain of its own each time: what another stack left in a server must not be taken for this one's.
  const prefix = `millrace-${randomBytes(6).toString('hex')}`
  const { part, ready } = await startPart<Said>({
    name: 'redis',
    script: scriptPath('parts/redisMain.ts'),
    env: {
      ...{ REDIS_DIR: join(dir, 'redis'), REDIS_PORT: String(port), REDIS_PREFIX: prefix },
      ...(url && { REDIS_URL: url }),
    },
    logFile: join(dir, 'logs', 'redis.log'),
    dir,
    readLine: (line) => readJson<Said>(line, 'borrowed'),
  })
  const answer: RedisReady = { url: ready.borrowed ? url! : ready.url, prefix }
  const again: Record<string, string> = ready.borrowed ? {} : { REDIS_PORT: String(ready.port) }
  return {
    ready: answer,
    part: {
      ...part,
      kill: () => part.kill('SIGUSR2'),
      async restart() {
        await part.restart(again)
        return answer
      },
    },
  }
}
