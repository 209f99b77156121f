import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildProgram, encodeInput, run } from '@millrace/machine'
import { verifyStep } from '@millrace/machine/steps'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-trace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const example = (name: string) => fileURLToPath(new URL(`../../../examples/${name}.wasm`, import.meta.url))
const hello = example('hello/hello')

async function trace(words: string[], stdin = '', interrupted = new AbortController().signal) {
  const [stdout, stderr, input] = [new PassThrough(), new PassThrough(), new PassThrough()]
  input.end(stdin)
  const exitCode = await runCommandLine(['trace', ...words], {
    env: { MILLRACE_HOME: folder },
    cwd: folder,
    stdin: input,
    ...{ stdout, stderr },
    interrupted,
  })
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? ''
  return { exitCode, stdout: read(stdout), stderr: read(stderr) }
}

async function traceJson(words: string[], stdin = '') {
  const { stdout, exitCode } = await trace(['--json', ...words], stdin)
  expect(exitCode).toBe(0)
  return JSON.parse(stdout)
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))

describe('trace', () => {
  it('shows the last step, and how the run ends, as V8 ends it', async () => {
    const { total, end, steps } = await traceJson([hello])
    const input = encodeInput({ args: ['hello.wasm'] })
    const native = await run(buildProgram(readFileSync(hello)), input, {
      fuel: 10n ** 10n,
      outputMax: 2 ** 20,
    })
    expect(end).toEqual({ status: 0, fuelUsed: String(native.fuelUsed), exitCode: 0 })
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({ step: String(BigInt(total) - 1n), instruction: 'halt' })
    expect(steps[0].registers.after.status).toBe(1)
  })

  it('shows any step, whose state follows from the one before', async () => {
    const first = await traceJson([hello, '--at', '0.3k', '--steps', '40'])
    expect(first.steps.map(({ step }: { step: string }) => Number(step))).toEqual(
      Array.from({ length: 40 }, (_, i) => 300 + i),
    )
    const next = await traceJson([hello, '--at', '340'])
    expect(next.stateBefore).toBe(first.stateAfter)
    expect(next.steps[0].registers.before).toEqual(first.steps.at(-1).registers.after)
  })

  it('says it in words: where, what is read and written, and which state follows', async () => {
    const { stdout } = await trace([hello, '--at', '2'])
    expect(stdout).toMatch(/^step {9}2 of [\d,]+, which end: exited with 0 after [\d,]+ fuel$/m)
    expect(stdout).toMatch(/^function {5}.*function \d+/m)
    expect(stdout).toMatch(/^ {2}> +[\d,]+ {2}\S/m)
    expect(stdout).toMatch(/^registers {2}pc [\d,]+ → [\d,]+/m)
    expect(stdout).toMatch(/^state {2}0x[0-9a-f]{64}\n {7}→ 0x[0-9a-f]{64}$/m)
    const table = await trace([hello, '--at', '2', '--steps', '3'])
    expect(table.stdout).toMatch(/^step +function +pc +instruction +effect$/m)
    expect(table.stdout.match(/^[234] /gm)).toHaveLength(3)
  })

  it('gives the program what `run` would', async () => {
    const words = [example('wordcount/wordcount'), '--env', 'LANG=C', '--fuel', '1G', '--', '1']
    const { end } = await traceJson(words, 'to be or not to be')
    const input = encodeInput({
      args: ['wordcount.wasm', '1'],
      env: { LANG: 'C' },
      stdin: new TextEncoder().encode('to be or not to be'),
    })
    const program = buildProgram(readFileSync(example('wordcount/wordcount')))
    const native = await run(program, input, { fuel: 10n ** 9n, outputMax: 2 ** 20 })
    expect(end.fuelUsed).toBe(String(native.fuelUsed))
  })

  it('shows a step that traps', async () => {
    const { stdout } = await trace([example('hostile/trap')])
    expect(stdout).toContain('which end: trapped after')
    expect(stdout).toContain('registers  status running → trapped')
  })

  it('says how many steps there are to who asks for a later one', async () => {
    const { exitCode, stderr } = await trace([hello, '--at', '1G'])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(
      /the run has [\d,]+ steps, and none behind 1,000,000,000\.\n {2}steps: \d+\n {2}end: exited/,
    )
  })

  it('does not wait for the end of a run that is far away', async () => {
    const { total, end } = await traceJson([example('hostile/spin'), '--at', '1000', '--fuel', '1T'])
    expect([total, end]).toEqual([null, null])
  }, 60_000)

  it('ends at Ctrl-C', async () => {
    const words = [example('hostile/spin'), '--fuel', '1T']
    const { exitCode, stderr } = await trace(words, '', AbortSignal.timeout(1))
    expect(exitCode).toBe(130)
    expect(stderr).toContain('Stopped at step')
  })

  it('proves the step, and says that no contract was asked', async () => {
    const { proof, stateBefore, stateAfter } = await traceJson([hello, '--at', '1k', '--prove'])
    expect(proof).toMatchObject({ state: stateBefore, next: stateAfter, verified: true, contract: null })
    expect(proof.unasked).toContain('no chain is at hand')
    const witness = bytes(proof.witness)
    expect(witness).toHaveLength(proof.bytes)
    expect(verifyStep(bytes(stateBefore), witness)).toEqual(bytes(stateAfter))
    const { stdout } = await trace([hello, '--at', '1k', '-o', 'witness'])
    expect(stdout).toContain(`witness   ${join(folder, 'witness')}`)
    expect(new Uint8Array(readFileSync(join(folder, 'witness')))).toEqual(witness)
  })

  it('tells of a node that is away, where one was named', async () => {
    const chain = ['--rpc', 'http://127.0.0.1:1', '--machine', `0x${'11'.repeat(20)}`]
    const { exitCode, stderr } = await trace([hello, '--at', '1', '--prove', ...chain])
    expect(exitCode).toBe(116)
    expect(stderr).toContain('[chain-unavailable]')
  })

  it.each([
    [['--at', 'soon'], 2],
    [['--steps', '0'], 2],
  ])('refuses %j', async (words, code) => expect((await trace([hello, ...words])).exitCode).toBe(code))

  it('refuses a module as every command does', async () => {
    expect((await trace([example('hostile/refused-simd')])).exitCode).toBe(111)
  })
})
