/**
 * The matcher as a process of its own. Its configuration is one JSON document, from the file that
 * MATCHER_CONFIG names or from standard input; MATCHER_<NAME> in the environment goes before it for everything
 * that is not secret (MATCHER_PORT, MATCHER_REDIS_URL…). Keys come as keystore files with a password file, or,
 * for a parent that holds them, in the document on standard input: never in an argument or a variable.
 *
 * stdout has one JSON object a line: {"event":"ready","url":…} and {"event":"stopped"}; stderr has the log.
 */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { configSchema, type MatcherConfig, startMatcher } from './index.ts'
import { unsealKey } from './keys.ts'

type Document = Record<string, unknown>

/** Would end up in process lists, crash reports and child processes. */
const NEVER_IN_ENVIRONMENT = new Set(['hotKey', 'storeKey'])

async function readConfig(env: NodeJS.ProcessEnv): Promise<MatcherConfig> {
  const source = env.MATCHER_CONFIG ? readFileSync(env.MATCHER_CONFIG, 'utf8') : await text(process.stdin)
  const document: Document = { ...JSON.parse(source), ...fromEnvironment(env) }
  const { hotKeystore, storeKeystore, passwordFile, ...rest } = document
  const open = (file: unknown) => {
    const password = readFileSync(String(passwordFile), 'utf8').replace(/\r?\n$/, '')
    return unsealKey(readFileSync(String(file), 'utf8'), password)
  }
  return {
    ...rest,
    ...(hotKeystore !== undefined && { hotKey: open(hotKeystore) }),
    ...(storeKeystore !== undefined && { storeKey: open(storeKeystore) }),
  } as MatcherConfig
}

/** `redisUrl` from MATCHER_REDIS_URL. */
function fromEnvironment(env: NodeJS.ProcessEnv): Document {
  const names = [...Object.keys(configSchema.shape), 'hotKeystore', 'storeKeystore', 'passwordFile']
  const given = names.filter((name) => !NEVER_IN_ENVIRONMENT.has(name))
  const variable = (name: string) => `MATCHER_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
  return Object.fromEntries(
    given.flatMap((name) => {
      const value = env[variable(name)]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function say(event: string, facts: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`)
}

const matcher = await startMatcher(await readConfig(process.env))
say('ready', { url: matcher.url })
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    if (stopping) process.exit(1)
    stopping = true
    await matcher.stop()
    say('stopped')
    process.exit(0)
  })
}
