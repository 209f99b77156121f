/** The program in the README, as it stands there: a newcomer saves it at the root and runs it. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { useStack } from './support/stack.ts'

const ROOT = new URL('../', import.meta.url)
const USUAL = 'http://127.0.0.1:8080'
const file = new URL(`.hello-${process.pid}.ts`, ROOT)

const stack = useStack({ providers: ['provider1'], arbiter: false })
afterAll(() => rmSync(file, { force: true }))

describe('the README', () => {
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8')
  const [, code] = readme.match(/```ts\n([\s\S]*?)```/) ?? []

  it('holds a program of at most ten lines that names the usual address', () => {
    expect(code!.trim().split('\n').length).toBeLessThanOrEqual(10)
    expect(code).toContain(`'${USUAL}'`)
  })

  it('runs that program through the market', async () => {
    writeFileSync(file, code!.replace(USUAL, stack().urls.matcher))
    const run = promisify(execFile)(process.execPath, [fileURLToPath(file)], { cwd: fileURLToPath(ROOT) })
    const { stdout } = await run
    const expected = readFileSync(new URL('examples/hello/expected.txt', ROOT), 'utf8')
    expect(stdout.startsWith(expected)).toBe(true)
    expect(stdout.slice(expected.length)).toMatch(/^\s*0\.\d+ TEST\n$/)
  })
})
