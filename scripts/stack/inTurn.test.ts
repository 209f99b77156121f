import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { inTurn } from './inTurn.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-turn-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('work in turn', () => {
  it('is never done twice at a time, and each gives what it came to', async () => {
    let [now, most] = [0, 0]
    const work = async (n: number) => {
      most = Math.max(most, ++now)
      await turn()
      now--
      return n
    }
    const all = [1, 2, 3, 4].map((n) => inTurn(join(dir, 'one'), () => work(n)))
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
    expect(most).toBe(1)
  })

  it('goes on after work that failed', async () => {
    const file = join(dir, 'failing')
    const failing = inTurn(file, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await inTurn(file, async () => 'yes')).toBe('yes')
  })

  it('waits for another process, and no longer than that lives', async () => {
    const file = join(dir, 'killed')
    const module = JSON.stringify(new URL('./inTurn.ts', import.meta.url).href)
    const script = `
      const { inTurn } = await import(${module})
      await inTurn(${JSON.stringify(file)}, () => new Promise(() => {
        console.log('holding')
        setInterval(() => {}, 1_000)
      }))`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    let done = false
    const waiting = inTurn(file, async () => {
      done = true
    })
    for (let i = 0; i < 20; i++) await turn()
    expect(done).toBe(false)
    holder.kill('SIGKILL')
    await waiting
    expect(done).toBe(true)
  })
})
