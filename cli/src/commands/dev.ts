import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CliError } from '../failures/CliError.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

/** The same script as `npm start`; a separate process, since this package knows nothing of the scripts. */
const START = fileURLToPath(new URL('../../../scripts/start.ts', import.meta.url))

/** `millrace dev` */
export function addDev({ command, does }: Program): void {
  does(
    command
      .command('dev')
      .description('start a whole market on this computer, tour it, stay up until Ctrl-C')
      .option('--once', 'end after the tour')
      .option('--tour <tour>', 'how a lie is punished there: proof, or arbiter', 'proof'),
    startStack,
  )
}

interface DevOptions extends GlobalOptions {
  once?: boolean
  tour: string
}

async function startStack(session: Session, options: DevOptions): Promise<Answer> {
  if (!existsSync(START)) {
    throw new CliError('no-clone', 'The development stack is part of a clone of the project.', {
      remedy: 'Clone the repository and call `npm start` in it.',
    })
  }
  const { once, json, tour } = options
  const words = ['--tour', tour, ...(once ? ['--once'] : []), ...(json ? ['--json'] : [])]
  const child = spawn(process.execPath, [START, ...words], { cwd: session.cwd, stdio: 'inherit' })
  session.interrupted.addEventListener('abort', () => child.kill('SIGINT'))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
  return { exitCode }
}
