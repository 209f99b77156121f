import { readFile } from 'node:fs/promises'
import { buildProgram, decodeInput, decodeOutput, encodeInput, run } from '@millrace/machine'
import { describe, expect, it } from 'vitest'
import { meterByCalls } from './meterByCalls.ts'
import { runRaw } from './raw.ts'

/** There are 92 ways to place eight queens. */
const WAYS = '000000000000005c\n'

describe('the sides that the bench compares', () => {
  const module = readFile(new URL('../programs/queens.wasm', import.meta.url))
  const input = encodeInput({ args: ['queens', '8'] })

  it('raw: computes what is known of eight queens', async () => {
    const written = await runRaw(await WebAssembly.compile(await module), decodeInput(input))
    expect([written.exitCode, text(written.stdout)]).toEqual([0, WAYS])
  })

  it('canonical: writes the same', async () => {
    const result = await run(buildProgram(await module), input, { fuel: 10n ** 9n, outputMax: 1000 })
    expect(text(decodeOutput(result.output).stdout)).toBe(WAYS)
  })

  it('wasm-metering: writes the same, and calls the host for it', async () => {
    const { bytes, imports } = meterByCalls(await module)!
    let calls = 0
    const counting = () => ({ metering: { usegas: () => calls++ } })
    const metered = await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)
    expect(text((await runRaw(metered, decodeInput(input), counting)).stdout)).toBe(WAYS)
    expect(calls).toBeGreaterThan(1_000)
    expect(text((await runRaw(metered, decodeInput(input), imports)).stdout)).toBe(WAYS)
  })

  it('wasm-metering: has none of what it cannot read', () => {
    expect(meterByCalls(Uint8Array.of(0, 0x61, 0x73, 0x6d, 9, 0, 0, 0))).toBeUndefined()
  })
})

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
