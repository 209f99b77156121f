/** No Redis was found and none could be fetched. Installing one helps; trying again alone does not. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError'
  readonly code = 'redis-unavailable'
  readonly retryable = false

  constructor(options: { cause?: unknown } = {}) {
    super(
      'No Redis on this machine. Install redis-server (7 or later) or valkey-server and put it on PATH, ' +
        'or set REDIS_URL to a server that is running' +
        (options.cause instanceof Error ? `. Fetching it with apt failed: ${options.cause.message}` : '.'),
      options,
    )
  }
}

/** A Redis process ended before it answered. Its last words are in the message. */
export class RedisStartError extends Error {
  override readonly name = 'RedisStartError'
  readonly code = 'redis-start'
  readonly retryable = true

  constructor(reason: string, log: string) {
    super(
      `Redis did not start: ${reason}. Its log ends with:\n${log.trim().split('\n').slice(-10).join('\n')}`,
    )
  }
}
