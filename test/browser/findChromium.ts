/** A Chromium that this machine has, or can have: Debian's, installed where the tests run as root. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inTurn } from '../../scripts/stack/inTurn.ts'

/** The system's own locks make the second of two who install at a time fail. */
const TURN = fileURLToPath(
  new URL('../../node_modules/.cache/millrace/installing-chromium.lock', import.meta.url),
)
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

export type Found = { readonly path: string } | { readonly missing: string }

/** MILLRACE_CHROMIUM names one; else the first on PATH; else apt-get is asked for Debian's. */
export async function findChromium(env = process.env): Promise<Found> {
  if (env.MILLRACE_CHROMIUM) return { path: env.MILLRACE_CHROMIUM }
  const installed = await onPath(env)
  if (installed) return { path: installed }
  if (process.getuid?.() !== 0) return { missing: 'no Chromium on PATH, and only root can install one' }
  try {
    await inTurn(TURN, async () => (await onPath(env)) ?? (await install()))
  } catch (error) {
    const [reason] = String((error as { stderr?: string }).stderr || error).split('\n')
    return { missing: `no Chromium on PATH, and apt-get could not install one: ${reason}` }
  }
  const path = await onPath(env)
  return path ? { path } : { missing: 'apt-get installed no Chromium' }
}

async function onPath({ PATH = '' }: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const name of NAMES) {
    for (const folder of [...PATH.split(delimiter), '/usr/bin']) {
      const path = join(folder, name)
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path
    }
  }
  return undefined
}

async function install(): Promise<void> {
  console.error('installing Chromium with apt-get, once…')
  const run = (...args: string[]) =>
    promisify(execFile)('apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 150_000,
    })
  const wanted = ['install', '-y', '--no-install-recommends', 'chromium'] as const
  // The list of packages may be old, or not there at all.
  await run(...wanted).catch(async () => {
    await run('update')
    await run(...wanted)
  })
}
