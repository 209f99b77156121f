export { RedisStartError, RedisUnavailableError } from './errors.ts'
export { locateRedis, type RedisProgram } from './locate.ts'
export { openRedis, type RedisOptions, type RedisServer, startRedis } from './start.ts'
