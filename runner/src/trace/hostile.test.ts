/** What the supervisor makes of a trace's process that is in a guest's hands and says what it likes. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { BLOCK_BYTES } from './blocks.ts'
import { type JailedTracer, openTracer, type TracerRequest } from './tracer.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-traced-'))
const dir = join(folder, 'states')
afterAll(() => rmSync(folder, { recursive: true }))

const REQUEST: TracerRequest = {
  program: new Uint8Array(10),
  input: new Uint8Array(),
  fuel: 1000n,
  outputMax: 100,
  memoryPages: 16,
  dir,
  diskBytes: 4 * BLOCK_BYTES,
}

let tracer: JailedTracer | undefined
afterEach(async () => {
  await tracer?.close()
  tracer = undefined
  expect(readdirSync(dir)).toEqual([])
})

/** A process that lets itself be opened, and then does this at each question. */
async function open(
  name: string,
  answer: string,
  request: Partial<TracerRequest> = {},
): Promise<JailedTracer> {
  const bundle = join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`)
  writeFileSync(
    bundle,
    `import { readSync, writeSync } from 'node:fs'
    const hash = (byte) => '0x' + byte.repeat(32)
    const say = (head, body = Buffer.alloc(0)) => {
      const json = Buffer.from(JSON.stringify(head))
      const prefix = Buffer.alloc(8)
      prefix.writeUInt32LE(json.length)
      prefix.writeUInt32LE(body.length, 4)
      const bytes = Buffer.concat([prefix, json, body])
      for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
    }
    const take = (length) => {
      const bytes = Buffer.alloc(length)
      for (let at = 0; at < length; ) {
        const count = readSync(0, bytes, at, length - at, null)
        if (count === 0) process.exit()
        at += count
      }
      return bytes
    }
    const listen = () => {
      const prefix = take(8)
      const head = JSON.parse(take(prefix.readUInt32LE(0)))
      return { head, body: take(prefix.readUInt32LE(4)) }
    }
    const block = (byte) => Buffer.alloc(${BLOCK_BYTES}, byte)
    const ending = {
      steps: '10', status: 0, fuelUsed: '7',
      output: hash('01'), outputRoot: hash('02'), programRoot: hash('03'),
      program: { code: hash('04'), memory: hash('05'), slots: hash('06'), pages: hash('07') },
      last: {
        registers: hash('08'), sizes: hash('09'), stack: hash('0a'), memory: hash('0b'), slots: hash('0c'),
        input: hash('0d'), output: hash('0e'),
      },
    }
    const view = { step: '1', pc: 3, instruction: 'i32.add', function: 'main', fuel: '2', operands: ['1'], results: [],
      written: [{ region: 'memory', role: 'memory', at: 64, bytes: '0x01ff' }], status: [0, 1] }
    const seen = (change) => say({}, Buffer.from(JSON.stringify({ ...view, ...change })))
    say({ ready: true })
    listen()
    say({ opened: true })
    for (;;) {
      const { head, body } = listen()
      ${answer}
    }`,
  )
  tracer = await openTracer({ ...REQUEST, ...request }, { bundle })
  return tracer
}

/** What comes of a question. */
async function ask<T>(question: (tracer: JailedTracer) => Promise<T>, name: string, answer: string) {
  const opened = await open(name, answer)
  const outcome = await question(opened).catch((error: unknown) => error)
  return { outcome, alive: opened.alive }
}

const DEAD = { outcome: { code: 'host-abort', reason: 'died' }, alive: false }

it('takes answers that are some', async () => {
  const opened = await open(
    'honest',
    `
    if (head.do === 'ending') say({ ending })
    if (head.do === 'statesAt') say({}, Buffer.alloc(4 * body.length, 7))
    if (head.do === 'proveAt') say({}, Buffer.alloc(100, Number(head.step)))
    if (head.do === 'lookAt') seen({})
    if (head.do === 'output') say({}, Buffer.from('out'))`,
  )
  const hash = (byte: string) => `0x${byte.repeat(32)}`
  expect(await opened.ending()).toMatchObject({ steps: 10n, fuelUsed: 7n, last: { output: hash('0e') } })
  expect(await opened.statesAt([1n, 2n])).toEqual([hash('07'), hash('07')])
  expect(await opened.proveAt(9n)).toEqual({
    state: hash('09'),
    next: hash('09'),
    witness: `0x${'09'.repeat(36)}`,
  })
  expect(await opened.lookAt(1n)).toMatchObject({
    instruction: 'i32.add',
    fuel: 2n,
    operands: [1n],
    written: [{ at: 64, bytes: '0x01ff' }],
  })
  expect(Buffer.from(await opened.output()).toString()).toBe('out')
})

it.each([
  ['too few hashes', 'say({}, Buffer.alloc(32))'],
  ['too many hashes', 'say({}, Buffer.alloc(96))'],
  ['half a hash', 'say({}, Buffer.alloc(63))'],
  ['no hash', 'say({ states: [] })'],
])('refuses %s', async (name, answer) => {
  expect(await ask((t) => t.statesAt([1n, 2n]), name, answer)).toMatchObject(DEAD)
})

it.each([
  ['no ending', 'say({})'],
  ['an ending that is a list', 'say({ ending: [] })'],
  ['fuel below zero', "say({ ending: { ...ending, fuelUsed: '-1' } })"],
  ['steps that are a number', 'say({ ending: { ...ending, steps: 10 } })'],
  ['steps past 64 bits', "say({ ending: { ...ending, steps: '18446744073709551616' } })"],
  ['a status below zero', 'say({ ending: { ...ending, status: -1 } })'],
  ['a short hash', "say({ ending: { ...ending, output: '0x01' } })"],
  ['a hash that is none', "say({ ending: { ...ending, output: 'x'.repeat(66) } })"],
  ['a part of the program less', 'say({ ending: { ...ending, program: {} } })'],
  ['no last state', 'say({ ending: { ...ending, last: null } })'],
])('refuses %s', async (name, answer) => {
  expect(await ask((t) => t.ending(), name, answer)).toMatchObject(DEAD)
})

it.each([
  ['a proof without a witness', 'say({}, Buffer.alloc(64))'],
  ['half a proof', 'say({}, Buffer.alloc(31))'],
])('refuses %s', async (name, answer) => {
  expect(await ask((t) => t.proveAt(1n), name, answer)).toMatchObject(DEAD)
})

it.each([
  ['a view that is not JSON', "say({}, Buffer.from('{'))"],
  ['an instruction that is no text', 'seen({ instruction: { toString: 1 } })'],
  ['a function that is none', 'seen({ function: [] })'],
  ['a place that is none', 'seen({ pc: -1 })'],
  ['values that are none', "seen({ operands: ['much'] })"],
  ['bytes that are none', "seen({ written: [{ region: 'memory', role: '', at: 0, bytes: '0x1' }] })"],
  ['half a pair', 'seen({ status: [0] })'],
  ['thousands of values', "seen({ results: Array(5000).fill('1') })"],
])('refuses %s', async (name, answer) => {
  expect(await ask((t) => t.lookAt(1n), name, answer)).toMatchObject(DEAD)
})

it.each([
  ['a lie without words', "say({ lie: { step: '1' } })", (t: JailedTracer) => t.lie()],
  [
    'a lie about nothing that there is',
    "say({ tamper: { step: '1', field: 'luck', seed: 1 }, ending })",
    (t: JailedTracer) => t.findLie(1),
  ],
  [
    'a lie that comes to no end',
    "say({ tamper: { step: '1', field: 'stack', seed: 1 } })",
    (t: JailedTracer) => t.findLie(1),
  ],
])('refuses %s', async (name, answer, question) => {
  expect(await ask<unknown>(question, name, answer)).toMatchObject(DEAD)
})

it('shows names without what steers a terminal, and the beginning of long ones', async () => {
  const answer = "seen({ function: '\\u001b[2J', instruction: 'x'.repeat(9999) })"
  const { outcome } = await ask((t) => t.lookAt(1n), 'steering', answer)
  expect(outcome).toMatchObject({ function: '\\u001b[2J', instruction: 'x'.repeat(500) })
})

it.each<[string, (tracer: JailedTracer) => Promise<unknown>, string]>([
  ['more output than the job may have', (t) => t.output(), 'say({}, Buffer.alloc(101))'],
  ['an answer of a gibibyte', (t) => t.ending(), 'writeSync(1, Buffer.from([2, 0, 0, 0, 0, 0, 0, 64]))'],
  ['an endless head', (t) => t.ending(), 'writeSync(1, Buffer.alloc(8, 255))'],
  ['a head that is no JSON', (t) => t.ending(), "writeSync(1, Buffer.from('\\x01\\0\\0\\0\\0\\0\\0\\0{'))"],
  ['a long body where none belongs', (t) => t.ending(), 'say({ ending }, block(1))'],
])('ends a process that sends %s', async (name, question, answer) => {
  const { outcome, alive } = await ask(question, name, answer)
  expect(outcome).toMatchObject({ code: 'host-abort' })
  expect(alive).toBe(false)
})

it.each([
  ['a block that is none', 'say({ put: true }, Buffer.alloc(10))', 'died'],
  ['for a block that it never sent', 'say({ put: true }, block(1)); say({ get: 1 })', 'died'],
  ['for a file', "say({ get: '../../etc/passwd' })", 'died'],
  ['progress that is none', "say({ progress: 'much' })", 'died'],
])('ends a process that asks for or sends %s', async (name, answer, reason) => {
  const { outcome, alive } = await ask((t) => t.ending(), name, answer)
  expect(outcome).toMatchObject({ code: 'host-abort', reason })
  expect(alive).toBe(false)
})

it('ends a process that speaks without being asked', async () => {
  const opened = await open('unasked', 'say({ ending }); say({ put: true }, block(1))')
  await opened.ending().catch(() => {})
  await expect.poll(() => opened.alive).toBe(false)
})

it('brings blocks back as they were sent, and tells of progress', async () => {
  const seen: bigint[] = []
  const opened = await open(
    'blocks',
    `const kept = [5, 6, 7, 8, 9].map((i) => (say({ put: true }, block(i)), listen().head.kept))
    say({ progress: '123' })
    const back = [2, 0, 1].map((number) => (say({ get: number }), listen().body))
    say({}, Buffer.from([...back.map((body) => body.every((byte) => byte === body[0]) ? body[0] : 0), ...kept]))`,
    { onProgress: (steps) => void seen.push(steps) },
  )
  // There is room for four.
  expect([...(await opened.output())]).toEqual([7, 5, 6, 1, 1, 1, 1, 0])
  expect(seen).toEqual([123n])
  expect(opened.status()).toMatchObject({ steps: 123n, diskBytes: 4 * BLOCK_BYTES })
})

it('gathers nothing for a process that asks for blocks and does not read them', async () => {
  const opened = await open(
    'deaf',
    `say({ put: true }, block(1))
    for (let i = 0; i < 1000; i++) say({ get: 0 })
    setTimeout(() => {}, 2 ** 30)
    await new Promise(() => {})`,
  )
  const before = process.memoryUsage().arrayBuffers
  const asked = opened.ending().catch((error: unknown) => error)
  await expect.poll(() => opened.status().diskBytes, { timeout: 30_000 }).toBe(BLOCK_BYTES)
  // It asks at once. That nothing is gathered, time alone can show.
  await new Promise((done) => setTimeout(done, 1_500))
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * BLOCK_BYTES)
  await opened.close()
  expect(await asked).toMatchObject({ code: 'host-abort', reason: 'stopped' })
})

it('answers one question after the other', async () => {
  const answer = 'say({}, Buffer.alloc(65, Number(head.step)))'
  const opened = await open('in turn', answer)
  const proofs = await Promise.all([1n, 2n, 3n].map((step) => opened.proveAt(step)))
  expect(proofs.map(({ witness }) => witness)).toEqual(['0x01', '0x02', '0x03'])
})

it('fails what was asked, and what is asked later, when the process is killed', async () => {
  const opened = await open('killed', 'setInterval(() => {}, 1000); break')
  const asked = [opened.ending(), opened.statesAt([1n])]
  process.kill(opened.pid!, 'SIGKILL')
  for (const answer of [...asked, opened.ending()]) {
    await expect(answer).rejects.toMatchObject({ code: 'host-abort', reason: 'died' })
  }
})

it('ends with its signal, while it works and before it began', async () => {
  const abort = new AbortController()
  const opened = await open('aborted', 'setInterval(() => {}, 1000); break', { signal: abort.signal })
  const asked = opened.ending()
  abort.abort()
  await expect(asked).rejects.toMatchObject({ reason: 'stopped' })
  await expect(open('aborted before', '', { signal: abort.signal })).rejects.toThrow()
})
