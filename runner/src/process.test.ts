/** What the supervisor makes of a process that is in a guest's hands and says what it likes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { declineSubmissionSchema } from '@millrace/sdk/api'
import { afterAll, expect, it } from 'vitest'
import { detectJail } from './jail/detect.ts'
import { JobProcess } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-process-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A runner that answers whatever it was asked with this head, so many times. */
function liar(name: string, head: object, times = 1): string {
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
    readSync(0, Buffer.alloc(4096))
    for (let left = ${times}; left > 0; left--) say(${JSON.stringify(head)})
    setInterval(() => {}, 1000)`,
  )
  return path
}

/** What comes of a run in a process that answers with this head. */
async function runIn(name: string, head: object) {
  const limits = { memoryPages: 16, heapMiB: 64, cpuSeconds: 20 }
  const job = new JobProcess(detectJail(), limits, 0, liar(name.replaceAll(' ', '-'), head))
  try {
    await job.ready
    const end = job.run({ input: new Uint8Array(), fuel: 1000n, outputMax: 0 }, 10_000)
    return { outcome: await end.catch((error: unknown) => error), alive: job.alive }
  } finally {
    await job.stop()
  }
}

it.each([
  ['no fuel', { status: 0 }],
  ['fuel that is no number', { status: 0, fuelUsed: 'much' }],
  ['fuel below zero', { status: 0, fuelUsed: '-1' }],
  ['more fuel than it was given', { status: 0, fuelUsed: '1001' }],
  ['a status that there is not', { status: 5, fuelUsed: '1' }],
  ['no status', { fuelUsed: '1' }],
])('ends a process that reports %s', async (name, head) => {
  expect(await runIn(name, head)).toMatchObject({
    outcome: { code: 'host-abort', reason: 'died' },
    alive: false,
  })
})

it.each<[string, { status?: number; trap: unknown }, string | undefined]>([
  ['a short printable note', { trap: '\u001b[2J\u009b' }, '\\u{1b}[2J\\u{9b}'],
  ['its beginning', { trap: 'x'.repeat(10_000) }, 'x'.repeat(200)],
  ['nothing of what is no text', { trap: { toString: 1 } }, undefined],
  ['nothing of a program that did not trap', { status: 0, trap: 'a trap' }, undefined],
])('makes of why a program trapped %s', async (name, head, trap) => {
  const { outcome } = await runIn(name, { status: 1, fuelUsed: '1', ...head })
  expect(outcome).toEqual({ status: head.status ?? 1, fuelUsed: 1n, output: new Uint8Array(), trap })
})

it('ends a process that goes on speaking', async () => {
  const limits = { memoryPages: 16, heapMiB: 64, cpuSeconds: 20 }
  const head = { status: 0, fuelUsed: '1' }
  const job = new JobProcess(detectJail(), limits, 0, liar('goes-on', head, Number.POSITIVE_INFINITY))
  try {
    await job.ready
    await job.run({ input: new Uint8Array(), fuel: 1000n, outputMax: 0 }, 10_000)
    await expect.poll(() => job.alive, { timeout: 10_000 }).toBe(false)
  } finally {
    await job.stop()
  }
})

it.each([
  ['its beginning', 'x'.repeat(10_000), 500],
  ['its beginning, escaped', '\u001b'.repeat(2_000), 500],
  ['that it gave none', { toString: 1 }, 20],
])('makes of why a process gives up %s', async (name, aborted, most) => {
  const { outcome } = await runIn(`gives up ${name.length}`, { aborted })
  expect(outcome).toMatchObject({ code: 'host-abort', reason: 'host-abort' })
  const { message } = outcome as Error
  expect(message.length).toBeLessThan(most + 60)
  // What the matcher takes with a decline.
  expect(declineSubmissionSchema.safeParse({ reason: 'host-abort', detail: message }).success).toBe(true)
})
