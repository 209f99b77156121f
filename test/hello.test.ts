/** What the READMEs tell a newcomer to type, as it stands there, in a shell, while a stack is up. */
import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderOf } from './support/commandLine.ts'
import { useStack } from './support/stack.ts'

const ROOT = new URL('../', import.meta.url)
const USUAL = 'http://127.0.0.1:8080'
const run = promisify(execFile)
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

const stack = useStack({ providers: ['provider1'], arbiter: false })
// The project's folder as a newcomer sees it, but with this test's own stack in it.
beforeAll(() => {
  for (const name of ['examples', 'node_modules', 'scripts'])
    symlinkSync(fileURLToPath(new URL(name, ROOT)), join(folderOf(stack()), name))
})

describe('the README', () => {
  const [, code] = read('README.md').match(/```ts\n([\s\S]*?)```/) ?? []

  it('holds a program of at most ten lines that names the usual address', () => {
    expect(code!.trim().split('\n').length).toBeLessThanOrEqual(10)
    expect(code).toContain(`'${USUAL}'`)
  })

  it('runs that program through the market', async () => {
    const cwd = folderOf(stack())
    writeFileSync(join(cwd, 'hello.mts'), code!.replace(USUAL, stack().urls.matcher))
    const { stdout } = await run(process.execPath, ['hello.mts'], { cwd })
    const expected = read('examples/hello/expected.txt')
    expect(stdout.startsWith(expected)).toBe(true)
    expect(stdout.slice(expected.length)).toMatch(/^\s*0\.\d+ TEST\n$/)
  })
})

describe('a command', () => {
  /** As a shell takes it; what it is meant to write into a file is a file beside the stack. */
  async function type(command: string) {
    const PATH = `${fileURLToPath(new URL('node_modules/.bin', ROOT))}:${process.env.PATH}`
    const options = { cwd: folderOf(stack()), env: { ...process.env, PATH }, maxBuffer: 2 ** 24 }
    const running = run('sh', ['-c', command], options)
    running.child.stdin!.end() // nobody sits at this terminal
    try {
      return { exitCode: 0, ...(await running) }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { exitCode: code, stdout, stderr }
    }
  }

  it('of the README runs a job and shows what it writes', async () => {
    const [command] = read('README.md').match(/^npx millrace run .*$/m)!
    const { exitCode, stdout, stderr } = await type(command)
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: read('examples/hello/expected.txt') })
    expect(stderr).toMatch(/^paid .*TEST/m)
  })

  // Whole languages as programs are run by market.test.ts, with the words of the catalog; here they would only take
  // long. That their commands name files that exist is for the examples' own tests.
  const commands = [...read('examples/README.md').matchAll(/`(npx millrace run .*?)` \| (.*?) \|$/gm)]
    .map(([, command, shown]) => ({ command: command!, shown: shown! }))
    .filter(({ command }) => !/node_modules|hello\.wasm/.test(command))

  it('of the examples there are some to run', () => {
    expect(commands.length).toBeGreaterThanOrEqual(5)
  })

  it.concurrent.each(commands)(
    'of the examples comes to what is said: $command',
    async ({ command, shown }) => {
      const { exitCode, stdout, stderr } = await type(command)
      const [, expected] = /\((.*\.txt)\)/.exec(shown) ?? []
      const [, written] = / > (\S+)$/.exec(command) ?? []
      if (expected)
        expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: read(`examples/${expected}`) })
      // 101: it trapped, which is a result.
      else if (!written) expect({ exitCode, stderr }).toMatchObject({ exitCode: 101 })
      else {
        const picture = readFileSync(join(folderOf(stack()), written))
        expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' })
        const [, , width, height] = /(\w+)\.wasm -- (\d+) (\d+)/.exec(command)!
        expect(picture.subarray(0, 32).toString('latin1')).toMatch(new RegExp(`^P5\\s${width} ${height}\\s`))
        expect(picture.length).toBeGreaterThan(Number(width) * Number(height))
      }
      expect(stderr).toMatch(/^paid .*TEST/m)
    },
  )
})
