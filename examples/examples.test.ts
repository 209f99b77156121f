import { readFile } from 'node:fs/promises'
import { buildProgram, decodeOutput, encodeInput, ModuleRefusedError } from '@millrace/machine'
import { describe, expect, it } from 'vitest'
import { BUILDS } from './build.ts'
import { EXAMPLES, type Example, HOSTILE, REFUSED } from './catalog.ts'
import { runInThread } from './tools/runInThread.ts'

const LIMITS = { fuel: 4_000_000_000n, outputMax: 1 << 20 }

async function inputOf({ name, args, files, stdin }: Example): Promise<Uint8Array> {
  const contents = Object.entries(files).map(async ([path, url]) => [path, await readFile(url)] as const)
  return encodeInput({
    args: [name, ...args],
    files: Object.fromEntries(await Promise.all(contents)),
    ...(stdin && { stdin: await readFile(stdin) }),
  })
}

/** An interpreter of 20 MB is built three times: seconds on an idle machine, a minute on a busy one. */
const SLOW = { timeout: 300_000 }

describe('examples', () => {
  it.each(EXAMPLES)('$name writes what its README shows, the same each time', SLOW, async (example) => {
    const task = { module: await readFile(example.module), input: await inputOf(example), limits: LIMITS }
    const first = await runInThread(task)
    const { exitCode, stdout, stderr } = decodeOutput(first.output)
    expect([first.status, exitCode, text(stderr)]).toEqual(['exited', 0, ''])
    expect(Buffer.from(stdout).equals(await readFile(example.expected))).toBe(true)

    expect(await runInThread(task)).toEqual(first)

    // What one machine recorded, every machine must get. If a change is meant to change a result, it raises
    // MACHINE_VERSION, and `vitest run examples -u` records again.
    const { root } = buildProgram(task.module)
    expect({ root, fuelUsed: first.fuelUsed, outputRoot: first.outputRoot }).toMatchSnapshot()
  })
})

describe('an assertion that fails in AssemblyScript', () => {
  it('is a trap, with its message on standard error', async () => {
    const primes = EXAMPLES.find(({ name }) => name === 'primes')!
    const input = encodeInput({ args: ['primes', 'many'] })
    const result = await runInThread({ module: await readFile(primes.module), input, limits: LIMITS })
    expect(result.status).toBe('trapped')
    expect(text(decodeOutput(result.output).stderr)).toMatch(
      /^abort: the limit is a number from 2 to 200000000 in primes.ts:/,
    )
  })
})

describe('hostile programs', () => {
  it.each(HOSTILE)('$name is a result all the same: $status', async (program) => {
    const task = {
      module: await readFile(program.module),
      input: encodeInput(),
      limits: { fuel: 100_000_000n, outputMax: 10_000 },
    }
    const result = await runInThread(task)
    const { exitCode, stdout, stderr } = decodeOutput(result.output)
    expect([result.status, exitCode]).toEqual([program.status, program.exitCode])
    if (program.status === 'output-full') expect(result.output).toHaveLength(task.limits.outputMax)
    else expect([text(stdout), text(stderr)]).toEqual([program.stdout ?? '', program.stderr ?? ''])

    expect(await runInThread(task)).toEqual(result)
  })

  it.each(REFUSED)('$name never becomes a program', async ({ module, because }) => {
    const bytes = await readFile(module)
    expect(() => buildProgram(bytes)).toThrow(ModuleRefusedError)
    expect(() => buildProgram(bytes)).toThrow(because)
  })
})

describe('modules', () => {
  // The Rust one is left out: npm carries no Rust compiler.
  const rebuilt = Object.entries(BUILDS).filter(([path]) => path !== 'search/search.wasm')
  it.each(rebuilt)('%s is what its source compiles to, to the byte', async (path, build) => {
    const committed = await readFile(new URL(path, import.meta.url))
    expect(Buffer.from(await build()).equals(committed)).toBe(true)
  })
})

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
