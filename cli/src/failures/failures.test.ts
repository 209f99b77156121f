import { describe, expect, it } from 'vitest'
import { CliError } from './CliError.ts'
import { exitCodeOf, exitCodeOfResult, exitCodes } from './exitCodes.ts'
import { explain, explanationJson, explanationLines } from './explain.ts'

describe('exit codes', () => {
  it('are the program’s own for a program that exited', () => {
    expect(exitCodeOfResult(0, 0)).toBe(0)
    expect(exitCodeOfResult(0, 42)).toBe(42)
    expect(exitCodeOfResult(0, -1)).toBe(255)
  })

  it('never tell of a failure as success', () => expect(exitCodeOfResult(0, 256)).toBe(255))

  it('tell how a program ended that did not exit', () =>
    expect([1, 2, 3, 4].map((status) => exitCodeOfResult(status, -1))).toEqual([101, 102, 103, 104]))

  it('follow from the code of an error', () => {
    expect(exitCodeOf('insufficient-funds')).toBe(exitCodes.funds)
    expect(exitCodeOf('job-failed')).toBe(exitCodes.notDone)
    // Of a job that never began.
    expect(exitCodeOf('job-too-large')).toBe(exitCodes.failed)
    expect(exitCodeOf('never-heard-of')).toBe(exitCodes.failed)
  })
})

describe('explain', () => {
  const error = new CliError('insufficient-funds', 'Too little money.', {
    remedy: 'Deposit some.',
    facts: { missing: 5n, token: '0xabc' },
  })

  it('tells what happened, the facts, what to do, and whether a retry helps', () =>
    expect(explanationLines(explain(error))).toEqual([
      'millrace: Too little money.',
      '  missing: 5',
      '  token: 0xabc',
      '  What to do: Deposit some.',
      '  Trying again as it is will not help. [insufficient-funds]',
    ]))

  it('says what to do once, where the message says it too', () => {
    const twice = new CliError('module-refused', 'Refused. Build it again.', { remedy: 'Build it again.' })
    expect(explanationLines(explain(twice)).slice(0, 2)).toEqual([
      'millrace: Refused.',
      '  What to do: Build it again.',
    ])
  })

  it('is JSON too, with amounts as strings', () =>
    expect(JSON.parse(JSON.stringify(explanationJson(explain(error))))).toMatchObject({
      code: 'insufficient-funds',
      facts: { missing: '5' },
      retryable: false,
      exitCode: 113,
    }))

  it('takes whatever was thrown', () => {
    expect(explain('text')).toMatchObject({ code: 'unexpected', message: 'text', exitCode: 1 })
    expect(explain(Object.assign(new Error('long\nand longer'), { shortMessage: 'long' })).message).toBe(
      'long',
    )
  })

  it('does not let a stranger’s text command the terminal', () =>
    expect(explanationLines(explain(new Error('\u001b[2Jgone')))[0]).toBe('millrace: \\x1b[2Jgone'))
})
