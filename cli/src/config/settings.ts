import { resolve } from 'node:path'
import { CliError } from '../failures/CliError.ts'
import { defaultKeystore } from '../keystore/keystoreFile.ts'
import type { GlobalOptions, Session } from '../terminal/Session.ts'
import { type DevelopmentStack, findStack } from './developmentStack.ts'

/** Who acts: it says which key of a development stack is taken where none was named. */
export type Role = 'tasker' | 'provider' | 'arbiter'

/** Where the key of a command lies. */
export interface KeySource {
  readonly file: string
  /** A password file that comes with it, for development keys. */
  readonly preset?: string
}

/**
 * The matcher's address: `--matcher`, else MILLRACE_MATCHER, else the development stack of this folder.
 *
 * @throws {CliError} `no-matcher` where none of them says it
 */
export function matcherUrl(session: Session, options: GlobalOptions): string {
  const url = options.matcher ?? session.env.MILLRACE_MATCHER ?? findStack(session.cwd)?.matcher
  if (url === undefined) {
    throw new CliError('no-matcher', 'No matcher is named, and no development stack runs in this folder.', {
      remedy: 'Start one with `npm start`, or name a matcher with --matcher URL or MILLRACE_MATCHER.',
    })
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError('bad-value', `${JSON.stringify(url)} is no address of a matcher.`, {
      remedy: 'Write a whole address such as http://127.0.0.1:8545.',
    })
  }
  return url.replace(/\/+$/, '')
}

/** The key's file: `--keystore`, else MILLRACE_KEYSTORE, else the development stack's, else the home folder's. */
export function keySource(session: Session, options: GlobalOptions, role: Role): KeySource {
  const named = options.keystore ?? session.env.MILLRACE_KEYSTORE
  if (named !== undefined) return { file: resolve(session.cwd, named) }
  const stack = runningStack(session, options)
  if (stack) return { file: stack.keystores[role].file, preset: stack.passwordFile }
  return { file: defaultKeystore(session.env) }
}

/** A provider's folder: that of the development stack, whose journal ends with it, else one in the present folder. */
export function providerFolder(session: Session, options: GlobalOptions): string {
  return runningStack(session, options)?.providerDir ?? resolve(session.cwd, '.millrace', 'provider')
}

/** A watcher's folder, likewise. */
export function watcherFolder(session: Session, options: GlobalOptions): string {
  const stack = runningStack(session, options)
  return stack
    ? resolve(stack.providerDir, '../../watchers/own')
    : resolve(session.cwd, '.millrace', 'watcher')
}

/** Development keys serve their own matcher alone: one named otherwise may stand on a chain where money is real. */
function runningStack(session: Session, options: GlobalOptions): DevelopmentStack | undefined {
  const named = options.matcher ?? session.env.MILLRACE_MATCHER
  if (named === undefined) return findStack(session.cwd)
  try {
    const stack = findStack(session.cwd)
    return stack?.matcher === named.replace(/\/+$/, '') ? stack : undefined
  } catch {
    return undefined // a stack that is down says nothing about a matcher that was named
  }
}
