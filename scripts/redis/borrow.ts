// A server of somebody else's: used under a prefix, and left as it was.
import { Redis } from 'ioredis'
import { RedisUnreachableError } from './errors.ts'

/** Milliseconds within which the server must answer. */
const PATIENCE = 5_000
/** Keys looked at in one step of a scan. */
const STEP = 1_000

export interface BorrowedRedis {
  /** Removes every key under the prefix, and no other, and lets go of the server. */
  giveBack(): Promise<void>
  /** Lets go of it and leaves the keys, as a power cut would. */
  drop(): void
}

/**
 * Takes a running server for keys that begin with `prefix` and a colon.
 * @throws RedisUnreachableError
 */
export async function borrowRedis({ url, prefix }: { url: string; prefix: string }): Promise<BorrowedRedis> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  client.on('error', () => {}) // told by the command that it fails
  try {
    await client.connect()
    await client.ping()
  } catch (cause) {
    client.disconnect()
    throw new RedisUnreachableError(url, cause)
  }
  return {
    async giveBack() {
      for await (const keys of client.scanStream({ match: `${escapeGlob(prefix)}:*`, count: STEP })) {
        if (keys.length > 0) await client.unlink(...keys)
      }
      await client.quit()
    },
    drop: () => client.disconnect(),
  }
}

const escapeGlob = (text: string) => text.replace(/[*?[\]\\^]/g, '\\$&')
