import { runCommandLine } from './program.ts'
import { onInterrupt } from './terminal/onInterrupt.ts'

const interruption = new AbortController()
onInterrupt(() => interruption.abort())
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
})
// Connections that are still open must not keep a finished command up.
process.exit(exitCode)
