import { readFileSync } from 'node:fs'
import { buildProgram } from '@millrace/machine'
import { inputBytes } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { HOSTILE } from '../../../examples/catalog.ts'
import { threadRunner } from './threadRunner.ts'

const program = (name: string) =>
  buildProgram(readFileSync(HOSTILE.find((each) => each.name === name)!.module))
const input = inputBytes({})

describe('threadRunner', () => {
  it('has stack enough for a program that uses up its own', async () => {
    const run = threadRunner(new AbortController().signal)
    const limits = { fuel: 10n ** 9n, outputMax: 1024 }
    expect((await run(program('recurse'), input, limits)).status).toBe('stack-exhausted')
  })

  it('ends at once when the user has enough', async () => {
    const interruption = new AbortController()
    const endless = threadRunner(interruption.signal)(program('spin'), input, {
      fuel: 10n ** 15n,
      outputMax: 1024,
    })
    interruption.abort(new Error('enough'))
    await expect(endless).rejects.toThrow('enough')
  })

  it('tells what the machine refuses', async () => {
    const run = threadRunner(new AbortController().signal)
    const failing = run(program('spin'), input, { fuel: -1n, outputMax: 0 })
    await expect(failing).rejects.toMatchObject({ name: 'BadLimitsError' })
  })
})
