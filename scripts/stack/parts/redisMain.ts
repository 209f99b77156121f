/**
 * Keeps the stack's Redis: a process between the two, so that Redis ends when the stack is gone. `REDIS_DIR` holds its
 * data, `REDIS_PORT=0` takes any free port. SIGTERM ends Redis in order, SIGUSR2 as a power cut would.
 */
import { startRedis } from '../../redis/index.ts'

const redis = await startRedis({
  dir: process.env.REDIS_DIR!,
  port: Number(process.env.REDIS_PORT ?? 0),
})
process.on('SIGTERM', async () => {
  await redis.stop()
  process.exit(0)
})
process.on('SIGUSR2', async () => {
  await redis.kill()
  process.exit(1)
})
console.log(JSON.stringify({ url: redis.url, port: redis.port }))
