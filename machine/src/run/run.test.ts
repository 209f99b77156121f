import { describe, expect, it } from 'vitest'
import { commit } from '../io/commitment.ts'
import { encodeInput } from '../io/input.ts'
import { decodeOutput } from '../io/output.ts'
import { MAX_FUEL } from '../pass/abi.ts'
import { buildProgram } from '../program.ts'
import { wat } from '../testing/wat.ts'
import { BadLimitsError, HostAbortError } from './errors.ts'
import { run } from './run.ts'

/**
 * Canonical programs written by hand, so that the runner is tested on its side of `pass/abi.ts` alone: `body` is
 * that of `millrace:run`, `$fuel` and `$state` are the globals.
 */
async function program(body: string) {
  const text = `(module
    (import "millrace" "input_length" (func $input_length (result i32)))
    (import "millrace" "input_read" (func $input_read (param i32 i32 i32)))
    (import "millrace" "output_write" (func $output_write (param i32 i32)))
    (import "millrace" "halt" (func $halt (param i32)))
    (memory $memory (export "millrace:memory") 1 2)
    (data (i32.const 0) "\\01\\40")
    (data (i32.const 100) "\\00\\07\\00\\00\\00")
    (global $fuel (export "millrace:fuel") (mut i64) (i64.const 0))
    (global $state (export "millrace:state") (mut i32) (i32.const 0))
    (func $main (export "millrace:run") (result i32) ${body} (i32.const 0)))`
  return WebAssembly.compile(wat(text) as Uint8Array<ArrayBuffer>)
}

/** A record of 64 zeros on standard output; an exit with 7. */
const WRITE = '(call $output_write (i32.const 0) (i32.const 66))'
const EXIT = '(call $output_write (i32.const 100) (i32.const 5)) (call $halt (i32.const 7))'

const input = encodeInput()
const limits = { fuel: 1_000_000n, outputMax: 1000 }

describe('run', () => {
  it('reports the output of a program that halts', async () => {
    const result = await run(await program(`${WRITE} ${EXIT} (unreachable)`), input, limits)
    expect(result).toMatchObject({ status: 'exited', statusCode: 0 })
    expect(decodeOutput(result.output)).toMatchObject({ exitCode: 7, stdout: new Uint8Array(64) })
    expect(result.outputRoot).toBe(commit(result.output))
    expect(result).not.toHaveProperty('trap')
  })

  it('counts the fuel that the program left', async () => {
    const spend = '(global.set $fuel (i64.sub (global.get $fuel) (i64.const 123)))'
    const result = await run(await program(spend + EXIT), input, limits)
    expect(result.fuelUsed).toBe(123n)
  })

  it('gives the program any stretch of the input, in a memory that may have grown', async () => {
    const copy = `(drop (memory.grow (i32.const 1)))
      (i32.store8 (i32.const 70000) (i32.const 1))
      (i32.store8 (i32.const 70001) (i32.const 4))
      (call $input_read (i32.const 70002) (i32.sub (call $input_length) (i32.const 5)) (i32.const 4))
      (call $output_write (i32.const 70000) (i32.const 6))`
    const result = await run(await program(copy), Uint8Array.of(9, 1, 2, 3, 4, 5), limits)
    expect(decodeOutput(result.output).stdout).toEqual(Uint8Array.of(1, 2, 3, 4))
  })

  it.each([
    ['reading into no memory', '(call $input_read (i32.const 65535) (i32.const 0) (i32.const 2))'],
    ['reading past the input', '(call $input_read (i32.const 0) (i32.const -1) (i32.const 2))'],
    ['writing from no memory', '(call $output_write (i32.const -1) (i32.const 2))'],
  ])('takes %s for a trap', async (_, body) => {
    const result = await run(await program(WRITE + body + EXIT), input, limits)
    expect(result.status).toBe('trapped')
    expect(decodeOutput(result.output)).toMatchObject({ exitCode: -1, stdout: new Uint8Array(64) })
  })

  it('keeps what was written before a trap, and says why in words', async () => {
    const result = await run(await program(`${WRITE} (unreachable)`), input, limits)
    expect(result).toMatchObject({ status: 'trapped', statusCode: 1, trap: 'unreachable' })
    expect(decodeOutput(result.output)).toMatchObject({ exitCode: -1, stdout: new Uint8Array(64) })
  })

  it('knows a program out of fuel by its state, whatever stopped it', async () => {
    const stopped = '(global.set $fuel (i64.const 0)) (global.set $state (i32.const 2)) (unreachable)'
    const result = await run(await program(stopped), input, limits)
    expect(result).toMatchObject({ status: 'out-of-fuel', statusCode: 2, fuelUsed: limits.fuel })
  })

  it('knows an exhausted stack by its state', async () => {
    const result = await run(await program('(global.set $state (i32.const 3)) (unreachable)'), input, limits)
    expect(result).toMatchObject({ status: 'stack-exhausted', statusCode: 3 })
  })

  it('ends at the output limit with what fits', async () => {
    const flood = await program(`(loop $again ${WRITE} (br $again))`)
    const result = await run(flood, input, { ...limits, outputMax: 200 })
    expect(result).toMatchObject({ status: 'output-full', statusCode: 4 })
    expect(result.output).toHaveLength(200)
    expect(decodeOutput(result.output)).toMatchObject({ exitCode: -1, stdout: new Uint8Array(192) })
  })

  it('accepts output that fills the limit to the byte', async () => {
    const writing = await program(WRITE + EXIT)
    expect((await run(writing, input, { ...limits, outputMax: 71 })).status).toBe('exited')
    expect((await run(writing, input, { ...limits, outputMax: 70 })).status).toBe('output-full')
  })
})

describe('a program that was built', () => {
  const START = '(func (export "_start")'
  const WASI = (name: string, type: string) =>
    `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`

  it('traps on an input that is not canonical, and the result says what is wrong with it', async () => {
    const program = buildProgram(wat(`(module ${START}))`))
    const result = await run(program, Uint8Array.of(1, 2, 3, 4), limits)
    expect(result).toMatchObject({ status: 'trapped', output: new Uint8Array() })
    expect(result.trap).toMatch(/Bad input/)
    expect(result.fuelUsed).toBeLessThan(1000n)
  })

  it('runs out of fuel on its input', async () => {
    const program = buildProgram(wat(`(module ${START}))`))
    const result = await run(program, encodeInput({ args: ['x'.repeat(5000)] }), { ...limits, fuel: 5000n })
    expect(result).toMatchObject({ status: 'out-of-fuel', fuelUsed: 5000n })
  })

  it('exits with the code that it returns, or gives to proc_exit', async () => {
    const returning = buildProgram(wat(`(module (func (export "main") (result i32) i32.const -2))`))
    expect(decodeOutput((await run(returning, input, limits)).output).exitCode).toBe(-2)
    const exiting = buildProgram(
      wat(`(module ${WASI('proc_exit', '(param i32)')} ${START} i32.const 3 call $proc_exit unreachable))`),
    )
    const result = await run(exiting, input, limits)
    expect([result.status, decodeOutput(result.output).exitCode]).toEqual(['exited', 3])
  })

  it('gets EFAULT from every pointer where it has no memory', async () => {
    const program = buildProgram(
      wat(`(module ${WASI('args_sizes_get', '(param i32 i32) (result i32)')}
        (func (export "main") (result i32) i32.const 0 i32.const 0 call $args_sizes_get))`),
    )
    expect(decodeOutput((await run(program, input, limits)).output).exitCode).toBe(21)
  })

  it('starts afresh each time', async () => {
    const once = buildProgram(
      wat(`(module (memory 1) (func (export "main") (result i32)
        i32.const 0 i32.load i32.const 0 i32.const 1 i32.store))`),
    )
    const results = [await run(once, input, limits), await run(once, input, limits)]
    expect(results[0]).toEqual(results[1])
  })
})

describe('what depends on the host', () => {
  it('is no result: its own stack', async () => {
    await expect(run(await program('(drop (call $main))'), input, limits)).rejects.toMatchObject({
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
    const any = await program('')
    await expect(run(any, input, { ...limits, fuel: MAX_FUEL + 1n })).rejects.toThrow(BadLimitsError)
    await expect(run(any, input, { ...limits, fuel: -1n })).rejects.toThrow(BadLimitsError)
    await expect(run(any, input, { ...limits, outputMax: 1.5 })).rejects.toThrow(BadLimitsError)
    expect((await run(any, input, { fuel: MAX_FUEL, outputMax: 0 })).status).toBe('exited')
  })
})
