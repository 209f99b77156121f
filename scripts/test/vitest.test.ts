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
    // Inside the project, because vitest must be found from it.
    await mkdir(path.join(project, '.millrace'), { recursive: true })
    const root = await mkdtemp(path.join(project, '.millrace', 'vitest-'))
    try {
      await symlink(path.join(project, 'vitest.config.ts'), path.join(root, 'vitest.config.ts'))
      await mkdir(path.join(root, 'sdk'))
      const good = "import { it } from 'vitest'\nit('good', () => {})\nit.skip('later', () => {})\n"
      await writeFile(path.join(root, 'sdk', 'good.test.ts'), good)
      await writeFile(path.join(root, 'sdk', 'broken.test.ts'), "import './nowhere.ts'\n")
      const lines: string[] = []
      const tallies = await runVitest({
        project: 'unit',
        root,
        folders: ['sdk', 'cli'],
        limit: 60_000,
        onLine: (line) => lines.push(line),
      })
      expect(tallies).toMatchObject([
        { part: 'sdk', passed: 1, skipped: 1, failures: [{ name: 'sdk/broken.test.ts' }] },
        { part: 'cli', passed: 0, failures: [{ name: 'unit ran no test' }] },
      ])
      expect(lines).toContainEqual(expect.stringMatching(/^✓ sdk\/good\.test\.ts \(2 tests/))
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  })
})
