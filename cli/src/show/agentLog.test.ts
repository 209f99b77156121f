import type { Token } from '@millrace/sdk'
import { describe, expect, it } from 'vitest'
import { describeLogLine } from './agentLog.ts'

const token: Token = { address: `0x${'1'.repeat(40)}`, symbol: 'TEST', decimals: 18, faucet: true }
const job = `0x${'ab'.repeat(32)}`
const at = new Date(2026, 0, 2, 3, 4, 5).toISOString()
const shown = (record: object) =>
  describeLogLine(JSON.stringify({ level: 30, time: at, msg: 'job ended', ...record }), token)

describe('describeLogLine', () => {
  it('says when, what, which job and what it earned', () =>
    expect(shown({ job, state: 'ran', earned: '100000000000000000' })).toBe(
      '03:04:05  job ended  job 0xabababab…abab  state ran  earned 0.1 TEST',
    ))

  it('tells a game: whose clock, how much of it, which bond, what it cost', () => {
    const challenged = { level: 40, msg: 'a result was challenged', bond: '2000000000000000000' }
    expect(shown({ ...challenged, case: job, judge: 'proof' })).toBe(
      '03:04:05  warning: a result was challenged  bond 2 TEST  case 0xabababab…abab  judge proof',
    )
    expect(shown({ msg: 'playing for a result', fuel: '2500000000', turn: 'provider', clock: 93 })).toBe(
      '03:04:05  playing for a result  fuel 2.5 gigafuel  turn provider  clock 1 min 33 s',
    )
    expect(shown({ msg: 'a dispute was won', outcome: 'clean', gas: 412_345 })).toBe(
      '03:04:05  a dispute was won  outcome clean  gas 412,345',
    )
  })

  it('says how bad it is, why, and what to do', () =>
    expect(
      shown({
        level: 40,
        msg: 'retrying the job',
        job,
        err: { type: 'E', message: 'No answer.', stack: 'at somewhere', remedy: 'Wait.' },
      }),
    ).toBe(
      '03:04:05  warning: retrying the job  job 0xabababab…abab  (No answer.)\n          What to do: Wait.',
    ))

  it('puts lists below', () =>
    expect(shown({ msg: 'starting', jail: ['bubblewrap: on', 'seccomp: on'] })).toBe(
      '03:04:05  starting\n          bubblewrap: on\n          seccomp: on',
    ))

  it('lets no stranger command the terminal', () => {
    expect(shown({ detail: '\u001b]0;mine\u0007' })).not.toContain('\u001b')
    expect(describeLogLine('{"level":30,\u001b[31m', token)).toBe('{"level":30,\\x1b[31m')
  })
})
