import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { encodeInput } from '../io/input.ts'
import { buildProgram } from '../program.ts'
import { run } from '../run/run.ts'
import { canonicalOf, guestOf } from '../testing/guest.ts'
import { wat } from '../testing/wat.ts'
import { FRAME_SLOTS, NATIVE_STACK_BYTES, STACK_SLOTS, STATE } from './abi.ts'

const times = (count: number, code: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => code(i)).join(' ')

/** Recursion with the given code around the call; `before` and `after` see the depth in local 0. */
const recursion = (locals: string, before: string, after: string) => `(module (memory 1)
  (func $f (export "f") (param i32) (result i32) ${locals}
    local.get 0 i32.eqz
    if (result i32) i32.const 0
    else ${before} local.get 0 i32.const 1 i32.sub call $f ${after} i32.const 1 i32.add end))`

const shared = (count: number) =>
  `${times(count, (i) => `local.get 1 local.get 0 i64.extend_i32_u i64.const ${i * 7919 + 13} i64.mul i64.xor local.set 1`)}`

/** Functions that each keep many values over a call of the next, all of which V8 makes part of the frame of `f`. */
const inlined = (values: number, depth: number) => `(module (memory 1)
  ${times(values * depth, () => '(global (mut i64) (i64.const 1))')}
  ${times(
    depth,
    (k) => `(func $g${k} (result i64) ${times(values, (i) => `global.get ${i + k * values}`)}
      ${k + 1 < depth ? `call $g${k + 1} i64.add` : ''} ${times(values - 1, () => 'i64.sub')})`,
  )}
  (func $f (export "f") (param i32) (result i32)
    local.get 0 i32.eqz
    if (result i32) i32.const 0
    else
      i32.const 0 global.get 0 ${times(1200, () => 'i64.clz')} i64.store
      i32.const 0 call $g0 i64.store
      local.get 0 i32.const 1 i32.sub call $f i32.const 1 i32.add end))`

const FRAMES: [string, string][] = [
  ['small frames', recursion('', '', '')],
  [
    'frames of many locals',
    recursion(
      `(local ${times(1000, () => 'i64')})`,
      times(1000, (i) => `i32.const ${8 * i} i64.load local.set ${i + 1}`),
      times(1000, (i) => `i32.const ${8 * i} local.get ${i + 1} i64.store`),
    ),
  ],
  [
    'frames whose values an optimiser keeps across the call',
    recursion('(local i64)', shared(1000), shared(1000)),
  ],
  ['frames that hold those of inlined functions', inlined(110, 4)],
  [
    'calls with many values',
    `(module (type $t (func (param i32 ${times(100, () => 'i64')}) (result i32)))
      (func $g (type $t) local.get 0 i32.eqz if (result i32) i32.const 0
        else local.get 0 i32.const 1 i32.sub ${times(100, (i) => `local.get ${i + 1} i64.const ${i} i64.mul`)} call $g end)
      (func (export "f") (param i32) (result i32) local.get 0 ${times(100, (i) => `i64.const ${i}`)} call $g))`,
  ],
  [
    'small frames with a large one between each and the next, which goes through a table',
    `(module (memory 1) (table funcref (elem $f)) (type $t (func (param i32) (result i32)))
      (func $between (param i32) (result i32) (local ${times(100, () => 'i64')})
        ${times(100, (i) => `i32.const ${8 * i} i64.load local.set ${i + 1}`)}
        local.get 0 i32.const 0 call_indirect (type $t)
        ${times(100, (i) => `i32.const ${8 * i} local.get ${i + 1} i64.store`)})
      (func $f (export "f") (param i32) (result i32)
        local.get 0 i32.eqz if (result i32) i32.const 0 else local.get 0 i32.const 1 i32.sub call $between end))`,
  ],
]

async function runOnFullStack(source: string, warmUps: number) {
  const { canonical } = canonicalOf(wat(source))
  const worker = new Worker(new URL('../testing/stackWorker.ts', import.meta.url), {
    workerData: { canonical, warmUps },
    resourceLimits: { stackSizeMb: Math.ceil(NATIVE_STACK_BYTES / 2 ** 20) },
  })
  // A message may come in the same turn as the exit: both are awaited from the start.
  const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
  return message as { thrown: string; state: number; used: number }
}

describe('the bound on the stack', () => {
  it.each(FRAMES)('is reached before the native one by %s', async (_, source) => {
    // Cold code is compiled by the baseline compiler, warm code by the optimising one.
    for (const warmUps of [0, 3000]) {
      const { thrown, state, used } = await runOnFullStack(source, warmUps)
      expect({ thrown, state }).toEqual({ thrown: 'RuntimeError', state: STATE.stackExhausted })
      expect(used).toBeLessThanOrEqual(STACK_SLOTS)
    }
  })

  it('is reached at the same depth every time', () => {
    const bytes = wat(recursion('', '', ''))
    const deepest = () => {
      const guest = guestOf(bytes)
      for (let depth = 0; ; depth++) {
        guest.reset(undefined, 10_000)
        try {
          expect(guest.call('f', depth)).toBe(depth)
        } catch {
          expect(guest.state.value).toBe(STATE.stackExhausted)
          return depth - 1
        }
        expect(guest.stack.value).toBe(10_000)
      }
    }
    const depth = deepest()
    expect(depth).toBeLessThan(10_000 / FRAME_SLOTS)
    expect(depth).toBeGreaterThan(10_000 / (2 * FRAME_SLOTS))
    expect(deepest()).toBe(depth)
  })

  it('is given back on every way out', () => {
    const ways = ['', 'return', 'br 0', 'i32.const 1 br_if 0', 'i32.const 0 br_table 0 0', 'block br 1 end']
    for (const way of ways) {
      const guest = guestOf(wat(`(module (func $g) (func (export "f") call $g ${way}))`))
      guest.call('f')
      expect(guest.stack.value, way).toBe(STACK_SLOTS)
    }
  })

  it('ends calls without a cycle that would take more than all of it', async () => {
    const locals = `(local ${times(40_000, () => 'i64')})`
    const chain = times(41, (i) => `(func $f${i} ${locals} ${i < 40 ? `call $f${i + 1}` : ''})`)
    const program = buildProgram(wat(`(module (func (export "_start") call $f0) ${chain})`))
    const result = await run(program, encodeInput(), { fuel: 10n ** 9n, outputMax: 100 })
    expect(result.status).toBe('stack-exhausted')
  })

  it('counts a large frame even where nothing is called', () => {
    const guest = guestOf(wat(`(module (func (export "f") (local ${times(1000, () => 'i64')})))`))
    guest.reset(undefined, 1000)
    expect(() => guest.call('f')).toThrow(WebAssembly.RuntimeError)
    expect(guest.state.value).toBe(STATE.stackExhausted)
  })
})
