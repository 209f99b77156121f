/**
 * Preloaded into every process of the stack: ends it when the process that started it is gone, however that died.
 * The channel between the two closes then.
 */
import '../../cli/src/compileCache.ts'

const ORDERLY_END_MS = 2_000

process.channel?.unref() // being on a leash is no reason to stay up
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), ORDERLY_END_MS).unref()
  process.kill(process.pid, 'SIGTERM')
})
