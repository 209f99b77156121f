/**
 * Keeps the stack's Redis: a process between the two, so that Redis ends when the stack is gone. `REDIS_DIR` holds its
 * data, `REDIS_PORT=0` takes any free port. SIGTERM ends Redis in order, SIGUSR2 as a power cut would.
 *
 * With `REDIS_URL` a server that is up already is used under `REDIS_PREFIX`; what the stack put there is removed.
 */
import { borrowRedis, startRedis } from '../../redis/index.ts'

const { REDIS_DIR, REDIS_PORT = '0', REDIS_URL, REDIS_PREFIX } = process.env

async function open() {
  if (REDIS_URL) {
    const { giveBack, drop } = await borrowRedis({ url: REDIS_URL, prefix: REDIS_PREFIX! })
    // Its address may hold a password, and what is printed here is kept in a log.
    return { ready: { borrowed: true }, stop: giveBack, kill: async () => drop() }
  }
  const { url, port, stop, kill } = await startRedis({ dir: REDIS_DIR!, port: Number(REDIS_PORT) })
  return { ready: { borrowed: false, url, port }, stop, kill }
}

const { ready, stop, kill } = await open()
process.on('SIGTERM', async () => {
  await stop()
  process.exit(0)
})
process.on('SIGUSR2', async () => {
  await kill()
  process.exit(1)
})
console.log(JSON.stringify(ready))
