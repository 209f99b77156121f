/** What the supervisor makes of a process that is in a guest's hands and says what it likes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { detectJail } from './jail/detect.ts'
import { JobProcess } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-process-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A runner that answers each frame with this head, whatever it was asked. */
function liar(name: string, head: object): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(
    path,
    `import { readSync, writeSync } from 'node:fs'
    const say = (head) => {
      const json = Buffer.from(JSON.stringify(head))
      const prefix = Buffer.alloc(8)
      prefix.writeUInt32LE(json.length)
      writeSync(1, Buffer.concat([prefix, json]))
    }
    say({ ready: true })
    if (readSync(0, Buffer.alloc(4096)) > 0) say(${JSON.stringify(head)})
    setInterval(() => {}, 1000)`,
  )
  return path
}

it.each([
  ['no fuel', { status: 0 }],
  ['fuel that is no number', { status: 0, fuelUsed: 'much' }],
  ['fuel below zero', { status: 0, fuelUsed: '-1' }],
  ['more fuel than it was given', { status: 0, fuelUsed: '1001' }],
  ['a status that there is not', { status: 5, fuelUsed: '1' }],
  ['no status', { fuelUsed: '1' }],
])('ends a process that reports %s', async (name, head) => {
  const limits = { memoryPages: 16, heapMiB: 64, cpuSeconds: 20 }
  const job = new JobProcess(detectJail(), limits, 0, liar(name.replaceAll(' ', '-'), head))
  try {
    await job.ready
    const end = job.run({ input: new Uint8Array(), fuel: 1000n, outputMax: 0 }, 10_000)
    await expect(end).rejects.toMatchObject({ code: 'host-abort', reason: 'died' })
    expect(job.alive).toBe(false)
  } finally {
    await job.stop()
  }
})
