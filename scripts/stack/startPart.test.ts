import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../cli/src/config/developmentStack.ts'
import { clearLeftovers, rememberProcess } from './leftovers.ts'
import { readJson } from './readJson.ts'
import { type PartPlan, scriptPath, startPart } from './startPart.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-stack-'))
afterAll(() => rmSync(dir, { recursive: true }))

interface Up {
  pid: number
  word?: string
}

/** A part that says its number, and ends as it is told. */
function plan(name: string, code: string, folder = dir): PartPlan<Up> {
  mkdirSync(folder, { recursive: true })
  const script = join(folder, `${name}.ts`)
  writeFileSync(script, `${code}\nsetInterval(() => {}, 1e6)\n`)
  return {
    name,
    script,
    dir: folder,
    logFile: join(folder, `${name}.log`),
    readLine: (line) => readJson<Up>(line, 'pid'),
  }
}
const UP = 'console.log(JSON.stringify({ pid: process.pid, word: process.env.WORD }))'

describe('a part', () => {
  it('is up when it says so, and logs what it says', async () => {
    const { part, ready } = await startPart(plan('plain', UP))
    expect(ready.pid).toBe(part.pid())
    await part.stop()
    expect(part.isUp()).toBe(false)
    expect(readFileSync(part.logFile, 'utf8')).toContain(`"pid":${ready.pid}`)
  })

  it('that does not come up says why', async () => {
    const failing = startPart(plan('failing', 'console.error("no money left"); process.exit(3)'))
    await expect(failing).rejects.toThrow(/exit code 3.*\nno money left/)
  })

  it('comes back after a kill, with what it is told anew', async () => {
    const { part, ready } = await startPart(plan('restarted', UP))
    await part.kill()
    const again = await part.restart({ WORD: 'again' })
    expect(again).toEqual({ pid: part.pid(), word: 'again' })
    expect(again.pid).not.toBe(ready.pid)
    await part.stop()
  })

  it('that is paused can still be ended', async () => {
    const { part } = await startPart(plan('paused', UP))
    part.pause()
    await part.stop()
    expect(part.isUp()).toBe(false)
  })

  it('tells of an end that nobody asked for, and of no other', async () => {
    const { part } = await startPart(plan('crashing', `${UP}\nprocess.on('message', () => process.exit(7))`))
    const crash = new Promise<Error>((resolve) => part.onCrash(resolve))
    part.send('go')
    expect((await crash).message).toContain('exit code 7')
  })

  it('dies with the process that started it, however that died', async () => {
    const child = plan('orphan', UP)
    const starter = join(dir, 'starter.ts')
    writeFileSync(
      starter,
      `import { startPart } from ${JSON.stringify(scriptPath('startPart.ts'))}
      const { ready } = await startPart({
        name: 'orphan', script: ${JSON.stringify(child.script)}, dir: ${JSON.stringify(dir)},
        logFile: ${JSON.stringify(child.logFile)},
        readLine: (line) => line.startsWith('{') ? JSON.parse(line) : undefined,
      })
      console.log(ready.pid)`,
    )
    const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

describe('leftovers', () => {
  it('of a crashed stack are ended and removed; a stranger with the same number is not', async () => {
    const folder = join(dir, 'crashed')
    mkdirSync(folder)
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    rememberProcess(folder, 'matcher', left.pid)
    const ended = once(left, 'exit')
    // The same number noted with another start: this very process, which must live on.
    const noted = JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8'))
    noted.push({ name: 'redis', pid: process.pid, startedAt: '1' })
    writeFileSync(join(folder, 'processes.json'), JSON.stringify(noted))

    expect(clearLeftovers(folder)).toEqual([`matcher (process ${left.pid})`])
    await ended
    expect(existsSync(join(folder, 'processes.json'))).toBe(false)
  })

  it('are none in a new folder', () => expect(clearLeftovers(join(dir, 'new'))).toEqual([]))
})
