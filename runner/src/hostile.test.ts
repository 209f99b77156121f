/**
 * Programs that want to take more than they may: each ends in a result that is the same everywhere, or is refused
 * with a reason, or is killed, and the next job of an honest tasker runs as if nothing had been.
 */
import { decodeOutput, encodeInput } from '@millrace/machine'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBundle } from './bundle.ts'
import { ModuleRefused } from './errors.ts'
import { assemble, HELLO, assembleWasi as wasi } from './fixtures/programs.ts'
import { detectJail } from './jail/detect.ts'
import { createRunner, type Runner, type RunnerLimits } from './pool.ts'
import { JobProcess, type RunOutcome } from './process.ts'

const LIMITS: RunnerLimits = { maxJobs: 1, maxWarm: 1, memoryPages: 16_384, cpuShare: 1, wallMs: 20_000 }
const FUEL = 10n ** 8n
/** What a kill may take beyond its limit. */
const SECOND = 1_000

let runner: Runner
let next = 0
beforeAll(() => {
  runner = createRunner(LIMITS)
})
afterAll(() => runner.close())

const run = (wasm: Uint8Array, options: { key?: string; input?: Uint8Array; outputMax?: number } = {}) => {
  const { key = `lease:${next++}`, input = encodeInput(), outputMax = 1_000 } = options
  return runner.use(key, async (session) => {
    await session.load(async () => wasm)
    return session.run({ input, fuel: FUEL, outputMax })
  })
}
const textOf = ({ output }: RunOutcome) => new TextDecoder().decode(decodeOutput(output).stdout)

afterEach(async () => {
  expect(textOf(await run(HELLO))).toBe('hello')
})

/** Sections of a module by hand: the text format's assembler would take minutes for these. */
const section = (id: number, ...body: Uint8Array[]) => {
  const bytes = Buffer.concat(body)
  return Buffer.concat([Uint8Array.of(id), leb(bytes.length), bytes])
}
function leb(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
/** So many functions of type () -> () with one body, the first exported as `_start`. */
const functions = (count: number, body: Uint8Array) =>
  Buffer.concat([
    HEADER,
    section(1, Uint8Array.of(1, 0x60, 0, 0)),
    section(3, leb(count), new Uint8Array(count)),
    section(7, Uint8Array.of(1, 6), Buffer.from('_start'), Uint8Array.of(0, 0)),
    section(10, leb(count), Buffer.concat(Array(count).fill(Buffer.concat([leb(body.length), body])))),
  ])
const BLOCK = [0x02, 0x40]
const END = 0x0b
const nested = (depth: number) =>
  functions(
    1,
    Buffer.concat([
      Uint8Array.of(0),
      Buffer.from(Array.from({ length: depth }, () => BLOCK).flat()),
      Buffer.alloc(depth + 1, END),
    ]),
  )
/** `n` locals of type i64 in a declaration of a few bytes. */
const locals = (n: number) => Buffer.concat([Uint8Array.of(1), leb(n), Uint8Array.of(0x7e, END)])

describe('a module is refused before the engine sees it', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    ['blocks a hundred thousand deep', () => nested(100_000), /nest|deep|block/i],
    ['four billion locals', () => functions(1, locals(2 ** 32 - 1)), /local/i],
    ['many functions with many locals', () => functions(2_000, locals(40_000)), /local/i],
    ['a million functions', () => functions(1_000_000, Uint8Array.of(0, END)), /function/i],
    [
      'a table of four billion',
      () => assemble('(module (table 4000000000 funcref) (func (export "_start")))'),
      /table/i,
    ],
    [
      'a memory of four gibibytes',
      () => wasi('(func (export "_start"))', '(memory (export "memory") 65536)'),
      /memory|page/i,
    ],
    [
      'a section longer than the module',
      () => Buffer.concat([HEADER, Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0x0f)]),
      /./,
    ],
  ])('%s', async (_, make, reason) => {
    const error: unknown = await run(make()).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ModuleRefused)
    expect((error as Error).message).toMatch(reason)
  })

  it('with a reason that a terminal can show', async () => {
    const module = assemble(
      '(module (import "\\1b[31m\\c2\\9b2J" "\\e2\\80\\aex" (func)) (func (export "_start")))',
    )
    const error: Error = await run(module).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ModuleRefused)
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('or not compiled, where it may have more memory than is offered', async () => {
    const small = createRunner({ ...LIMITS, memoryPages: 16 })
    try {
      const work = small.use('lease', async (session) => {
        expect((await session.load(async () => HELLO)).memoryPages).toBe(4)
        const { memoryPages } = await session.load(async () => HELLO)
        return memoryPages
      })
      expect(await work).toBe(4)
      const large = wasi('(func (export "_start"))', '(memory (export "memory") 1 17)')
      const refused = small.use('other', async (session) => {
        expect((await session.load(async () => large)).memoryPages).toBe(17)
        return session.run({ input: encodeInput(), fuel: FUEL, outputMax: 10 })
      })
      await expect(refused).rejects.toMatchObject({ reason: 'died', message: /no program/ })
    } finally {
      await small.close()
    }
  })
})

describe('a bomb for the compilers', () => {
  it('is killed within a second of the limit', async () => {
    const body = Buffer.alloc(1_000_000, 0x01)
    body[0] = 0
    body[body.length - 1] = END
    const bomb = functions(60, body)
    const impatient = createRunner({ ...LIMITS, loadMs: 300 })
    try {
      await impatient.use('warm', (session) => session.load(async () => HELLO))
      let began = 0
      const load = impatient.use('bomb', (session) =>
        session.load(async () => {
          began = performance.now()
          return bomb
        }),
      )
      await expect(load).rejects.toMatchObject({ reason: 'wall-time' })
      expect(performance.now() - began).toBeLessThan(300 + SECOND)
    } finally {
      await impatient.close()
    }
  })
})

describe.runIf(process.platform === 'linux')('a program that uses all of its CPU time', () => {
  it('is ended by the kernel, whatever the agent does', async () => {
    const limits = { memoryPages: 64, heapMiB: 64, cpuSeconds: 1 }
    const job = new JobProcess(detectJail(), limits, 0, openBundle())
    await job.load(wasi('(func (export "_start") (loop $l (br $l)))'), 64, 20_000)
    const end = job.run({ input: encodeInput(), fuel: 2n ** 62n, outputMax: 10 }, 25_000)
    await expect(end).rejects.toMatchObject({ reason: 'died', message: expect.stringContaining('CPU time') })
    await job.stop()
  })
})

describe('a program gets a stated end', () => {
  it('where it exits from within a callback', async () => {
    const program = assemble(`(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (type $callback (func (param i32 i32) (result i32)))
      (table funcref (elem $compare))
      (func $compare (type $callback) (call $exit (i32.const 7)) (i32.const 0))
      (func (export "_start") (drop (call_indirect (type $callback) (i32.const 1) (i32.const 2) (i32.const 0))) unreachable))`)
    const outcome = await run(program)
    expect(outcome.status).toBe(0)
    expect(decodeOutput(outcome.output).exitCode).toBe(7)
  })

  it('where its tables take all that they may, by small steps', async () => {
    const grow = (table: number) => `
      (loop $again
        (br_if $again (i32.ne (i32.const -1) (table.grow ${table} (ref.func $f) (i32.const 1000)))))`
    const outcome = await run(
      assemble(`(module (table 10 funcref) (table 10 funcref) (func $f) (elem declare func $f)
        (func (export "_start") ${grow(0)} ${grow(1)}))`),
    )
    expect(outcome.status).toBe(0)
  })

  /** Reads into `iovs` at an address with a length, and exits with the error or, if none, 100 and the bytes read. */
  const reader = (address: number, length: number) =>
    assemble(`(module
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1 1)
      (func (export "_start") (local $error i32)
        (i32.store (i32.const 0) (i32.const ${address}))
        (i32.store (i32.const 4) (i32.const ${length}))
        (local.set $error (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $error) (then (call $exit (local.get $error))))
        (call $exit (i32.add (i32.const 100) (i32.load (i32.const 8))))))`)
  const input = encodeInput({ stdin: new TextEncoder().encode('abc') })

  it('where it reads past the end of its input', async () => {
    const outcome = await run(reader(1_024, 60_000), { input })
    expect([outcome.status, decodeOutput(outcome.output).exitCode]).toEqual([0, 103])
  })

  it.each([
    ['past its memory', 65_530, 60_000],
    ['around the address space', -16, 64],
    ['more than there is', 0, -1],
  ])('where it reads to %s: an error or a trap, the same every time', async (_, address, length) => {
    const outcome = await run(reader(address, length), { input })
    const again = await run(reader(address, length), { input })
    expect(again).toEqual(outcome)
    if (outcome.status === 0) expect(decodeOutput(outcome.output).exitCode).toBeGreaterThan(0)
    else expect(outcome.status).toBe(1)
  })

  it('where its input is no input', async () => {
    expect((await run(HELLO, { input: Uint8Array.of(1, 2, 3) })).status).toBe(1)
  })

  it('where it floods a terminal with escapes: bytes, untouched, that whoever shows them escapes', async () => {
    const program = assemble(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 8) "\\10\\00\\00\\00\\04\\00\\00\\00\\1b[2J")
      (func (export "_start") (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))`)
    const outcome = await run(program)
    expect(outcome.output).not.toBeInstanceOf(Buffer)
    expect(textOf(outcome)).toBe('\u001b[2J')
  })
})

describe('a process belongs to one lease', () => {
  /** Says what its memory, its global and its table hold, then changes all of them. */
  const nosy = wasi(
    `(global $g (mut i32) (i32.const 104))
     (func (export "_start")
      (i32.store8 (i32.const 16) (global.get $g))
      (call $say)
      (global.set $g (i32.const 74))
      (memory.fill (i32.const 16) (i32.const 88) (i32.const 5))
      (drop (memory.grow (i32.const 1)))
      (i32.store8 (i32.const 17) (i32.add (i32.const 64) (memory.size))))`,
  )

  it('and each of its jobs starts from the program alone', async () => {
    const first = await run(nosy, { key: 'nosy' })
    expect(textOf(first)).toBe('hello')
    expect(runner.isWarm('nosy')).toBe(true)
    for (let i = 0; i < 3; i++) expect(await run(nosy, { key: 'nosy' })).toEqual(first)
  })

  const pidOf = (key: string) =>
    runner.use(key, async (session) => {
      await session.load(async () => HELLO)
      return session.pid!
    })

  it('that no other lease gets', async () => {
    const pids = [await pidOf('lease a'), await pidOf('lease b'), await pidOf('lease c')]
    expect(new Set(pids).size).toBe(3)
    // The last one is warm still; the first, which made room, is not taken up again.
    expect(await pidOf('lease c')).toBe(pids[2])
    expect(pids).not.toContain(await pidOf('lease a'))
  })

  it('and is replaced when it dies', async () => {
    const pid = await pidOf('mortal')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => runner.isWarm('mortal')).toBe(false)
    expect(await pidOf('mortal')).not.toBe(pid)
  })

  it('and is replaced when a job broke a limit', async () => {
    const spin = wasi('(func (export "_start") (loop $l (br $l)))')
    const pids: number[] = []
    const broken = runner.use('spin', async (session) => {
      await session.load(async () => spin)
      pids.push(session.pid!)
      return session.run({ input: encodeInput(), fuel: 2n ** 62n, outputMax: 10 }, 200)
    })
    await expect(broken).rejects.toMatchObject({ reason: 'wall-time' })
    await runner.use('spin', async (session) => {
      await session.load(async () => spin)
      expect(pids).not.toContain(session.pid)
    })
  })
})
