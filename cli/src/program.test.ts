import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { stackFile } from './config/developmentStack.ts'
import { runCommandLine } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command line as a shell would, with its own folder as home. */
async function call(words: string[], { stdin = '', env = {}, cwd = folder } = {}) {
  const out = { stdout: new PassThrough(), stderr: new PassThrough() }
  const input = new PassThrough()
  input.end(stdin)
  const exitCode = await runCommandLine(words, {
    env: { MILLRACE_HOME: join(folder, 'home'), ...env },
    cwd,
    stdin: input,
    ...out,
    interrupted: new AbortController().signal,
  })
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? ''
  return { exitCode, stdout: read(out.stdout), stderr: read(out.stderr) }
}

describe('millrace', () => {
  it('shows its exit codes in the help', async () => {
    const { exitCode, stdout } = await call(['--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('101 to 104')
  })

  it.each([[['no-such-command']], [['doctor', '--no-such-option']]])(
    'answers a wrong command line with 2: %j',
    async (words) => {
      const { exitCode, stderr, stdout } = await call(words)
      expect(exitCode).toBe(2)
      expect(stderr).toContain('error: unknown')
      expect(stdout).toBe('')
    },
  )

  it('makes a key, shows it, and does not make it again', async () => {
    const password = join(folder, 'password')
    writeFileSync(password, 'a password\n')
    const words = ['--json', '--keystore', 'new.json', '--password-file', password]
    const made = await call(['key', 'new', ...words])
    expect(made.exitCode).toBe(0)
    const shown = await call(['key', 'show', ...words])
    expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(made.stdout))
    const again = await call(['key', 'new', ...words])
    expect(again.exitCode).toBe(118)
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, error: { code: 'keystore-exists' } })
  })

  it('imports a key from standard input', async () => {
    const password = join(folder, 'password')
    writeFileSync(password, 'a password\n')
    const words = ['key', 'import', '--json', '--keystore', 'imported.json', '--password-file', password]
    const { stdout } = await call(words, { stdin: `${'01'.repeat(32)}\n` })
    expect(JSON.parse(stdout).address).toBe('0x1a642f0e3c3af545e7acbd38b07251b3990914f1')
    expect((await call(words, { stdin: 'no key' })).exitCode).toBe(118)
  })

  it('says so where there is nobody to ask for a password', async () => {
    const { exitCode, stderr } = await call(['key', 'new', '--keystore', 'other.json'])
    expect(exitCode).toBe(118)
    expect(stderr).toContain('--password-file')
  })

  describe('doctor', () => {
    it('finds what is wrong and says what to do', async () => {
      const { exitCode, stdout } = await call(['doctor', '--json', '--matcher', 'http://127.0.0.1:1'])
      expect(exitCode).toBe(119)
      const { findings } = JSON.parse(stdout)
      expect(findings).toContainEqual(
        expect.objectContaining({
          name: 'matcher',
          level: 'fail',
          remedy: expect.stringContaining('npm start'),
        }),
      )
      expect(findings).toContainEqual(expect.objectContaining({ name: 'node', level: 'ok' }))
    })

    it('has a line for each layer around a job, with a remedy where one is off', async () => {
      const { stdout } = await call(['doctor', '--json', '--matcher', 'http://127.0.0.1:1'])
      const { findings } = JSON.parse(stdout) as {
        findings: { name: string; level: string; remedy?: string }[]
      }
      const layers = ['walls', 'calls', 'network', 'limits', 'privileges']
      const found = findings.filter(({ name }) => layers.includes(name))
      expect(found.map(({ name }) => name)).toEqual(layers)
      for (const { level, remedy } of found) expect(level).toBe(remedy === undefined ? 'ok' : 'warn')
    })

    it('tells of a stack that died', async () => {
      const file = stackFile(folder)

      mkdirSync(join(folder, '.millrace'), { recursive: true })
      // Beyond the largest process number that Linux gives.
      writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, matcher: 'http://127.0.0.1:1' }))
      const { stdout } = await call(['doctor'])
      expect(stdout).toContain('not running any more')
      rmSync(file)
    })
  })
})
