/** A whole market for one test file: up before its tests, gone after them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../../scripts/stack/startStack.ts'
import { seedDatabase } from '../../services/matcher/test/support/database.ts'

/** Starting compiles contracts and fills caches where nobody did before. Milliseconds. */
const START_LIMIT = 180_000

/** Starts a stack for the file that calls it. What is returned gives it to tests and hooks. */
export function useStack(options: Omit<StackOptions, 'dir'> = {}): () => Stack {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  let stack: Stack | undefined
  beforeAll(async () => {
    const dataDir = join(dir, 'matcher')
    await seedDatabase(join(dataDir, 'database'))
    stack = await startStack({ ...options, dir, matcher: { dataDir, ...options.matcher } })
  }, START_LIMIT)
  afterAll(async () => {
    await stack?.stop()
    // Logs and journals say why a test failed: KEEP_STACK=1 leaves them.
    if (process.env.KEEP_STACK) console.log(`The stack's files are in ${dir}.`)
    else rmSync(dir, { recursive: true, force: true })
  }, START_LIMIT)
  return () => {
    if (!stack) throw new Error('The stack is not up yet.')
    return stack
  }
}
