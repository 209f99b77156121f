import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from './lock.mjs'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millrace-lock-'))
  file = path.join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('withLock', () => {
  it('lets one in after the other', async () => {
    const waited: number[] = []
    let inside = 0
    const most = await Promise.all(
      [1, 2, 3].map(() =>
        withLock(
          file,
          async () => {
            inside += 1
            const seen = inside
            await new Promise((resolve) => setImmediate(resolve))
            inside -= 1
            return seen
          },
          (holder) => waited.push(holder),
        ),
      ),
    )
    expect(most).toEqual([1, 1, 1])
    expect(waited).toEqual([process.pid, process.pid])
    expect(existsSync(file)).toBe(false)
  })

  it('is free again after a failure', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(file, async () => 'in')).toBe('in')
  })

  it('takes over from a holder that was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(file, String(pid))
    expect(await withLock(file, async () => 'in')).toBe('in')
  })
})
