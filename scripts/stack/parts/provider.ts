import { join } from 'node:path'
import type { Hex } from 'viem'
import { readJson } from '../readJson.ts'
import { type Part, scriptPath, startPart } from '../startPart.ts'

export interface ProviderReady {
  readonly account: Hex
  /** Digest of its first ask. */
  readonly ask: Hex
}

export interface ProviderOptions {
  readonly name: string
  readonly dir: string
  readonly matcher: string
  readonly keystore: string
  readonly passwordFile: string
  /** Per gigafuel, in whole tokens. */
  readonly price: string
  /** Signs wrong results. */
  readonly lie?: boolean
  /** Further words for `millrace provide`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a provider as a user would, by `millrace provide`. */
export async function startProvider(
  options: ProviderOptions,
): Promise<{ part: Part<ProviderReady>; ready: ProviderReady }> {
  const { name, dir, matcher, keystore, passwordFile, price, lie, args = [] } = options
  const words = [
    ...['provide', '--json', '--matcher', matcher, '--keystore', keystore, '--password-file', passwordFile],
    ...['--price', price, '--data-dir', join(dir, 'providers', name)],
    ...(lie ? ['--lie'] : []),
    ...args,
  ]
  return startPart<ProviderReady>({
    name,
    script: scriptPath('../../cli/bin/millrace.mjs'),
    args: words,
    env: { ...(lie && { MILLRACE_DEV: '1' }), ...options.env },
    logFile: join(dir, 'logs', `${name}.log`),
    dir,
    readLine: (line) => readJson<ProviderReady>(line, 'account', 'ask'),
  })
}
