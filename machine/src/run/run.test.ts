import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { commit } from '../io/commitment.ts'
import { encodeInput } from '../io/input.ts'
import { decodeOutput, OUTPUT_OVERHEAD } from '../io/output.ts'
import { MAX_FUEL } from '../pass/abi.ts'
import { BadLimitsError, HostAbortError } from './errors.ts'
import { run } from './run.ts'

/**
 * Canonical programs written by hand, so that the runner is tested on its side of `pass/abi.ts` alone: `body` is
 * that of `millrace:run`, `$fuel` and `$state` are the globals.
 */
async function program(body: string, { imports = '', memory = '(memory (export "memory") 1 1)' } = {}) {
  const { parseWat } = await wabt()
  const text = `(module
    ${imports}
    ${memory}
    (global $fuel (export "millrace:fuel") (mut i64) (i64.const 0))
    (global $state (export "millrace:state") (mut i32) (i32.const 0))
    (func $main (export "millrace:run") (result i32) ${body}))`
  return WebAssembly.compile(parseWat('program.wat', text).toBinary({}).buffer as Uint8Array<ArrayBuffer>)
}

const WRITE = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))`
/** Writes the 64 bytes at 1024, which are zero, to a descriptor. */
const write = (fd: number) =>
  `(i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 64))
   (drop (call $write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))`

const input = encodeInput()
const limits = { fuel: 1_000_000n, outputMax: 1000 }

describe('run', () => {
  it('reports the exit code that the program returns', async () => {
    const result = await run(await program('(i32.const 7)'), input, limits)
    expect(result).toMatchObject({ status: 'exited', statusCode: 0 })
    expect(decodeOutput(result.output)).toMatchObject({ exitCode: 7 })
    expect(result.outputRoot).toBe(commit(result.output))
    expect(result).not.toHaveProperty('trap')
  })

  it('reports the exit code of proc_exit, as a signed number', async () => {
    const imports = `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`
    const result = await run(
      await program('(call $exit (i32.const -2)) (i32.const 0)', { imports }),
      input,
      limits,
    )
    expect(result.status).toBe('exited')
    expect(decodeOutput(result.output).exitCode).toBe(-2)
  })

  it('counts the fuel that the program left, and what its input costs', async () => {
    const spend = '(global.set $fuel (i64.sub (global.get $fuel) (i64.const 123))) (i32.const 0)'
    const result = await run(await program(spend), input, limits)
    expect(result.fuelUsed).toBe(123n + BigInt(input.length))
    const longer = encodeInput({ stdin: new Uint8Array(1000) })
    expect((await run(await program(spend), longer, limits)).fuelUsed - result.fuelUsed).toBe(1000n)
    const named = encodeInput({ args: ['x'], env: { A: '' }, files: { '/f': new Uint8Array() } })
    expect((await run(await program(spend), named, limits)).fuelUsed).toBe(
      123n + 3000n + BigInt(named.length),
    )
  })

  it('keeps what was written before a trap, and says why in words', async () => {
    const trapping = await program(`${write(1)} ${write(2)} (unreachable)`, { imports: WRITE })
    const result = await run(trapping, input, limits)
    expect(result).toMatchObject({ status: 'trapped', statusCode: 1, trap: 'unreachable' })
    const { exitCode, stdout, stderr } = decodeOutput(result.output)
    expect([exitCode, stdout.length, stderr.length]).toEqual([-1, 64, 64])
  })

  it('knows a program out of fuel by its state, whatever stopped it', async () => {
    const stopped = '(global.set $fuel (i64.const 0)) (global.set $state (i32.const 2)) (unreachable)'
    const result = await run(await program(stopped), input, limits)
    expect(result).toMatchObject({ status: 'out-of-fuel', statusCode: 2, fuelUsed: limits.fuel })
  })

  it('runs out of fuel in a call that costs more than is left, before it does anything', async () => {
    const writing = await program(`${write(1)} (i32.const 0)`, { imports: WRITE })
    const result = await run(writing, input, { ...limits, fuel: BigInt(input.length) + 1500n })
    expect(result).toMatchObject({ status: 'out-of-fuel', fuelUsed: BigInt(input.length) + 1500n })
    expect(result.output).toHaveLength(OUTPUT_OVERHEAD)
  })

  it('runs out of fuel on its input', async () => {
    const result = await run(await program('(i32.const 0)'), input, { ...limits, fuel: 10n })
    expect(result).toMatchObject({ status: 'out-of-fuel', fuelUsed: 10n })
  })

  it('knows an exhausted stack by its state', async () => {
    const result = await run(await program('(global.set $state (i32.const 3)) (unreachable)'), input, limits)
    expect(result).toMatchObject({ status: 'stack-exhausted', statusCode: 3 })
  })

  it('ends at the output limit with what fits, over both streams together', async () => {
    const flood = await program(`${write(2)} (loop $again ${write(1)} (br $again)) (unreachable)`, {
      imports: WRITE,
    })
    const result = await run(flood, input, { ...limits, outputMax: 200 })
    expect(result).toMatchObject({ status: 'output-full', statusCode: 4 })
    const { exitCode, stdout, stderr } = decodeOutput(result.output)
    expect([exitCode, stdout.length, stderr.length]).toEqual([-1, 136, 64])
  })

  it('accepts output that fills the limit to the byte', async () => {
    const writing = await program(`${write(1)} (i32.const 0)`, { imports: WRITE })
    expect((await run(writing, input, { ...limits, outputMax: 64 })).status).toBe('exited')
    expect((await run(writing, input, { ...limits, outputMax: 63 })).status).toBe('output-full')
  })

  it('traps on an input that is not canonical, for no fuel', async () => {
    const result = await run(await program('(i32.const 0)'), Uint8Array.of(1, 2, 3, 4), limits)
    expect(result).toMatchObject({ status: 'trapped', fuelUsed: 0n })
    expect(result.trap).toMatch(/Bad input/)
  })

  it('gives a program without memory EFAULT', async () => {
    const result = await run(
      await program('(call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))', {
        imports: WRITE,
        memory: '',
      }),
      input,
      limits,
    )
    expect(decodeOutput(result.output).exitCode).toBe(21)
  })

  it('starts a compiled program afresh each time', async () => {
    const once = await program('(i32.load (i32.const 0)) (i32.store (i32.const 0) (i32.const 1))')
    const results = [await run(once, input, limits), await run(once, input, limits)]
    expect(results[0]).toEqual(results[1])
  })
})

describe('what depends on the host', () => {
  it('is no result: its own stack', async () => {
    await expect(run(await program('(call $main)'), input, limits)).rejects.toMatchObject({
      name: 'HostAbortError',
      code: 'host-abort',
      retryable: true,
    })
  })

  it('is no result: memory that it could not give', async () => {
    const denied = await program('(global.set $state (i32.const 255)) (unreachable)')
    await expect(run(denied, input, limits)).rejects.toThrow(HostAbortError)
  })

  it('is no result: code that the engine refuses', async () => {
    const canonical = Uint8Array.of(0, 0x61, 0x73, 0x6d)
    await expect(run({ canonical } as never, input, limits)).rejects.toThrow(HostAbortError)
  })
})

describe('limits', () => {
  it('are refused where no run can have them', async () => {
    const any = await program('(i32.const 0)')
    await expect(run(any, input, { ...limits, fuel: MAX_FUEL + 1n })).rejects.toThrow(BadLimitsError)
    await expect(run(any, input, { ...limits, fuel: -1n })).rejects.toThrow(BadLimitsError)
    await expect(run(any, input, { ...limits, outputMax: 1.5 })).rejects.toThrow(BadLimitsError)
    expect((await run(any, input, { fuel: MAX_FUEL, outputMax: 0 })).status).toBe('exited')
  })
})
