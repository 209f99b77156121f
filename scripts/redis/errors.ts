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

/** The Redis that REDIS_URL names does not answer. The address is told without its password. */
export class RedisUnreachableError extends Error {
  override readonly name = 'RedisUnreachableError'
  readonly code = 'redis-unreachable'
  readonly retryable = true
  readonly remedy = 'Start it, or unset REDIS_URL: then a server is started by itself.'
  readonly facts: Readonly<Record<string, unknown>>

  constructor(url: string, cause: unknown) {
    const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: 'no address', port: '' }
    super(`The Redis that REDIS_URL names does not answer (${hostname}:${port || 6379}).`, { cause })
    this.facts = { host: hostname, port: port || '6379' }
  }
}
