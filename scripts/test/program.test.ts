import { describe, expect, it } from 'vitest'
import { runProgram } from './program.ts'

const node = (script: string, limit = 20_000) => runProgram(process.execPath, ['-e', script], { limit })

describe('runProgram', () => {
  it('keeps stdout apart and gives lines as they come', async () => {
    const lines: string[] = []
    const script = 'console.log("one\\ntwo"); console.error("three")'
    const ended = await runProgram(process.execPath, ['-e', script], {
      limit: 20_000,
      onLine: (line) => lines.push(line),
    })
    expect(ended).toMatchObject({ ok: true, stdout: 'one\ntwo\n' })
    expect(ended.output).toContain('three')
    expect(lines).toEqual(['one', 'two'])
  })

  it('fails with the exit code, with a missing program, and with a signal', async () => {
    expect(await node('process.exit(3)')).toMatchObject({ ok: false })
    expect(await runProgram('no-such-program', [], { limit: 1_000 })).toMatchObject({ ok: false })
    expect(await node("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ ok: false })
  })

  it('ends what takes too long, and says so', async () => {
    const ended = await node('setInterval(() => {}, 1000)', 100)
    expect(ended.ok).toBe(false)
    expect(ended.output).toContain('did not end within 0.1 s')
  })
})
