import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseVitest, runVitest } from './vitest.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

describe('parseVitest', () => {
  const test = (fullName: string, status: string) => ({
    fullName,
    status,
    failureMessages: [`${fullName} broke`],
  })
  const file = (name: string, status: string, assertionResults: object[]) =>
    ({ name, status, message: 'cannot load', startTime: 1_000, endTime: 3_000, assertionResults }) as never

  it('splits one run by folder', () => {
    const testResults = [
      file('/p/sdk/a.test.ts', 'failed', [test('a', 'passed'), test('b', 'failed'), test('c', 'todo')]),
      file('/p/sdk/b.test.ts', 'failed', []),
      file('/p/cli/c.test.ts', 'passed', [test('d', 'passed'), test('e', 'skipped')]),
    ]
    const options = { project: 'unit', root: '/p', folders: ['sdk', 'cli', 'bench'] } as const
    expect(parseVitest({ testResults }, options)).toMatchObject([
      {
        part: 'sdk',
        passed: 1,
        skipped: 1,
        seconds: 4,
        failures: [
          { name: 'sdk/a.test.ts b', message: 'b broke' },
          { name: 'sdk/b.test.ts', message: 'cannot load' },
        ],
      },
      { part: 'cli', passed: 1, skipped: 1, failures: [] },
      { part: 'bench', passed: 0, skipped: 0, failures: [] },
    ])
  })
})

describe('runVitest', () => {
  it('runs the real thing: counts what passes, and blames what fails or is not there', async () => {
    const { tallies, lines } = await run(
      {
        'good.test.ts': "import { it } from 'vitest'\nit('good', () => {})\nit.skip('later', () => {})\n",
        'broken.test.ts': "import './nowhere.ts'\n",
      },
      ['sdk', 'cli'],
    )
    expect(tallies).toMatchObject([
      { part: 'sdk', passed: 1, skipped: 1, failures: [{ name: 'sdk/broken.test.ts' }] },
      { part: 'cli', passed: 0, failures: [{ name: 'unit ran no test' }] },
    ])
    expect(lines).toContainEqual(expect.stringMatching(/^✓ sdk\/good\.test\.ts \(2 tests/))
  })

  it('fails by an error that no test answers for, and says where it was thrown', async () => {
    const { tallies, lines } = await run({
      'stray.test.ts': `import { it } from 'vitest'
        it('passes', () => {
          void Promise.reject(new Error('nobody caught me'))
          return new Promise((resolve) => setTimeout(resolve, 50))
        })`,
    })
    expect(tallies).toMatchObject([{ passed: 1, failures: [{ name: 'unit ended badly' }] }])
    const [{ message } = { message: '' }] = tallies[0]!.failures
    expect(message).toMatch(
      /Unhandled Rejection.*stray\.test\.ts.*\n.*nobody caught me\n.*stray\.test\.ts:3:/,
    )
    expect(lines).toContainEqual(expect.stringMatching(/^✗ Unhandled Rejection/))
  })

  /** Runs files of tests in a project of their own. */
  async function run(files: Readonly<Record<string, string>>, folders = ['sdk']) {
    // Inside the project, because vitest must be found from it.
    await mkdir(path.join(project, '.millrace'), { recursive: true })
    const root = await mkdtemp(path.join(project, '.millrace', 'vitest-'))
    try {
      await symlink(path.join(project, 'vitest.config.ts'), path.join(root, 'vitest.config.ts'))
      await mkdir(path.join(root, 'sdk'))
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, 'sdk', name), text)
      const lines: string[] = []
      const onLine = (line: string) => void lines.push(line)
      return { lines, tallies: await runVitest({ project: 'unit', root, folders, limit: 60_000, onLine }) }
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
})
