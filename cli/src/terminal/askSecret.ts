import { readFileSync } from 'node:fs'
import { CliError } from '../failures/CliError.ts'
import type { GlobalOptions, Session } from './Session.ts'

/**
 * The password of a keystore: from `--password-file`, from the file that MILLRACE_PASSWORD_FILE names, or asked.
 * `twice` asks again, for a new password.
 *
 * @throws {CliError} `no-password` where nobody can be asked
 */
export async function findPassword(
  session: Session,
  options: GlobalOptions,
  about: { file: string; preset?: string; twice?: boolean },
): Promise<string> {
  const file = options.passwordFile ?? session.env.MILLRACE_PASSWORD_FILE ?? about.preset
  if (file !== undefined) return readPasswordFile(file)
  if (!session.stdin.isTTY || !session.stderr.isTTY) {
    throw new CliError(
      'no-password',
      `No password for ${about.file}, and nobody to ask: this is no terminal.`,
      {
        remedy:
          'Put it in a file that only you can read and name that: --password-file FILE or MILLRACE_PASSWORD_FILE.',
      },
    )
  }
  const first = await askSecret(session, `Password for ${about.file}`)
  if (about.twice && (await askSecret(session, 'The same again')) !== first) {
    throw new CliError('no-password', 'The two passwords differ; nothing was written.', {
      remedy: 'Start again.',
      retryable: true,
    })
  }
  return first
}

/** Asks on stderr, so that stdout stays data. */
export async function askSecret(session: Session, message: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message, output: session.stderr, input: session.stdin })
  if (isCancel(answer)) {
    throw new CliError('no-password', 'Cancelled; nothing was done.', {
      remedy: 'Start again.',
      retryable: true,
    })
  }
  return answer
}

function readPasswordFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new CliError('no-password', `The password file ${file} cannot be read.`, {
      remedy: 'Name a file that holds the password as its only line.',
      facts: { file },
      cause,
    })
  }
}
