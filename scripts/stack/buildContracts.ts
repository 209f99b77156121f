import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CONTRACT_FILES } from '../generate/artifacts.ts'
import { PartFailedError } from './errors.ts'
import { inTurn } from './inTurn.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HARDHAT = join(
  dirname(createRequire(import.meta.url).resolve('hardhat/package.json')),
  'dist/src/cli.js',
)
/** Beside the compiler's own cache, which two of it at a time would move away under each other. */
const TURN = join(ROOT, 'cache', 'building.lock')
const LAST_LINES = 30

/**
 * Compiles the contracts that are deployed, where their sources changed since last time; about a second where none
 * did. What only tests need takes longer than all of them, and no stack waits for it.
 */
export function buildContracts(): Promise<void> {
  return inTurn(TURN, build)
}

async function build(): Promise<void> {
  const child = spawn(process.execPath, [HARDHAT, 'build', '--no-tests', ...CONTRACT_FILES], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (said += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  throw new PartFailedError(
    'compiler',
    `ended with exit code ${code}`,
    'run `npx hardhat build`',
    said.trim().split('\n').slice(-LAST_LINES),
  )
}
