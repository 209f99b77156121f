export { type BorrowedRedis, borrowRedis } from './borrow.ts'
export { RedisStartError, RedisUnavailableError, RedisUnreachableError } from './errors.ts'
export { locateRedis, type RedisProgram } from './locate.ts'
export { type RedisOptions, type RedisServer, startRedis } from './start.ts'
