import { join } from 'node:path'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface RedisReady {
  readonly url: string
  readonly port: number
}

/**
 * Starts Redis. `restart` comes back on the same port, so that those who were connected find it again; `kill` is a
 * power cut for Redis itself, not only for the process that keeps it.
 */
export async function startStackRedis(
  dir: string,
  port = 0,
): Promise<{ part: Part<RedisReady>; ready: RedisReady }> {
  const { part, ready } = await startPart<RedisReady>({
    name: 'redis',
    script: scriptPath('parts/redisMain.ts'),
    env: { REDIS_DIR: join(dir, 'redis'), REDIS_PORT: String(port) },
    logFile: join(dir, 'logs', 'redis.log'),
    dir,
    readLine: (line) => readJson<RedisReady>(line, 'url', 'port'),
  })
  return {
    ready,
    part: {
      ...part,
      kill: () => part.kill('SIGUSR2'),
      restart: () => part.restart({ REDIS_PORT: String(ready.port) }),
    },
  }
}
