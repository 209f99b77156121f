import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasTypeStripping } from './runtime.mjs'

const bootstrap = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url))

let folder: string
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-runtime-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Runs a script through the bootstrap; stdin is no terminal, as under a supervisor. */
async function bootstrapped(script: string, ...args: string[]): Promise<ChildProcess> {
  const file = path.join(folder, 'script.ts')
  await writeFile(file, script)
  child = spawn(process.execPath, [bootstrap, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return child
}

describe('runUnder', () => {
  it('passes arguments, output and the exit code, and puts the project first on PATH', async () => {
    const script = `console.log(JSON.stringify({ args: process.argv.slice(2), path: process.env.PATH }))
      process.exitCode = 7 as number`
    const running = await bootstrapped(script, 'one', '--two')
    const [[output], [code]] = await Promise.all([once(running.stdout!, 'data'), once(running, 'exit')])
    const said = JSON.parse(String(output))
    expect(said.args).toEqual(['one', '--two'])
    expect(said.path.split(path.delimiter)[0]).toBe(
      path.resolve(path.dirname(bootstrap), '..', 'node_modules', '.bin'),
    )
    expect(code).toBe(7)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('hands %s on and lets the script end itself', async (signal) => {
    const script = `process.once('${signal}', () => { process.exit(42) })
      setInterval(() => {}, 1000)
      console.log('ready')`
    const running = await bootstrapped(script)
    await once(running.stdout!, 'data')
    running.kill(signal)
    expect(await once(running, 'exit')).toEqual([42, null])
  })

  it('dies by the signal that its script died by', async () => {
    const running = await bootstrapped("process.kill(process.pid, 'SIGTERM')\nsetInterval(() => {}, 1000)")
    expect(await once(running, 'exit')).toEqual([null, 'SIGTERM'])
  })
})

describe('hasTypeStripping', () => {
  it.each([
    ['20.20.2', false],
    ['22.17.9', false],
    ['22.18.0', true],
    ['23.5.0', false],
    ['23.6.0', true],
    ['24.0.0', true],
  ])('knows that of Node %s it is %s', (version, expected) => {
    expect(hasTypeStripping(version)).toBe(expected)
  })
})
