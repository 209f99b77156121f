import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildProgram } from '@millrace/machine'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-build-'))
afterAll(() => rmSync(folder, { recursive: true }))

const example = (path: string) => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url))
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

async function call(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = new PassThrough()
  stdin.end()
  const interrupted = new AbortController().signal
  const exitCode = await runCommandLine(['build', ...words], {
    env: {},
    cwd: folder,
    stdin,
    stdout,
    stderr,
    interrupted,
  })
  const read = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? ''
  return { exitCode, stdout: read(stdout), stderr: read(stderr) }
}

describe('build', () => {
  it('says what a module becomes, and writes it', async () => {
    const { exitCode, stdout } = await call(
      example('primes/primes.wasm'),
      '-o',
      'primes.canonical.wasm',
      '--json',
    )
    const program = buildProgram(readFileSync(example('primes/primes.wasm')))
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      root: program.root,
      moduleSize: program.moduleSize,
      canonicalSize: program.canonical.length,
      imports: program.imports,
      memory: program.memory,
      entry: '_start',
      work: { functions: expect.any(Number), charges: expect.any(Number) },
    })
    const written = readFileSync(join(folder, 'primes.canonical.wasm'))
    expect(written.equals(program.canonical)).toBe(true)
    const again = await call('primes.canonical.wasm', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ root: program.root })
  })

  it('says it in words', async () => {
    const { stdout } = await call(example('primes/primes.wasm'))
    expect(stdout).toMatch(/^program root {2}0x[0-9a-f]{64}$/m)
    expect(stdout).toMatch(/^memory {8}64 KiB at its start, at most 1 GiB$/m)
    expect(stdout).toMatch(/^fuel {10}charged at \d+ places for \d+ basic blocks$/m)
  })

  it('refuses with section, byte and reason', async () => {
    const { exitCode, stderr } = await call(example('hostile/refused-simd.wasm'))
    expect(exitCode).toBe(111)
    expect(stderr).toContain('section: code\n  offset: 35\n  reason: it uses SIMD')
    const { stdout } = await call(example('hostile/refused-simd.wasm'), '--json')
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'module-refused',
      facts: { section: 'code', offset: 35 },
    })
  })

  it.each([[[]], [['x.wasm', '--c', 'x.c']]])('wants a module or a source: %j', async (words) => {
    expect((await call(...words)).exitCode).toBe(2)
  })

  it('says so where a file is not there, or cannot be written', async () => {
    expect((await call('none.wasm')).stderr).toContain('[file-unreadable]')
    expect((await call('--c', 'none.c')).stderr).toContain('[file-unreadable]')
    const { stderr } = await call(example('primes/primes.wasm'), '-o', 'none/x.wasm')
    expect(stderr).toContain('[file-unwritable]')
  })
})

// The first call loads a compiler of 100 MB.
describe('build --c', { timeout: 120_000 }, () => {
  it('compiles C, with a header beside it, and tells its warnings', async () => {
    write('answer.h', '#define ANSWER 42\n')
    write(
      'answer.c',
      '#include <stdio.h>\n#include "answer.h"\nint main(void) { int unused; printf("%d\\n", ANSWER); }\n',
    )
    const { exitCode, stdout, stderr } = await call('--c', 'answer.c', '--json')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('warning: unused variable')
    const { root, written } = JSON.parse(stdout)
    expect(written).toBe(join(folder, 'answer.wasm'))
    expect(buildProgram(readFileSync(written)).root).toBe(root)
  })

  it('compiles C++ by its extension', async () => {
    write(
      'sum.cpp',
      '#include <cstdio>\n#include <vector>\nint main() { std::vector<int> v{1, 2}; std::printf("%d\\n", v[0] + v[1]); }\n',
    )
    const { exitCode, stdout } = await call('--c', 'sum.cpp', '-o', 'total.wasm', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'sum.cpp',
      written: join(folder, 'total.wasm'),
      kind: 'wasi',
    })
  })

  it.each([
    [
      'does not compile',
      'int main(void) { return z; }\n',
      "wrong.c:1:25: error: use of undeclared identifier 'z'",
    ],
    ['does not link', 'int f(void);\nint main(void) { return f(); }\n', 'undefined symbol: f'],
  ])('gives the compiler\u2019s own words where a program %s', async (_, source, words) => {
    write('wrong.c', source)
    const { exitCode, stderr } = await call('--c', 'wrong.c')
    expect(exitCode).toBe(111)
    expect(stderr).toContain(words)
    expect(stderr).toContain('[compile-failed]')
  })

  it('leaves other languages to their compilers', async () => {
    write('x.rs', 'fn main() {}')
    expect((await call('--c', 'x.rs')).stderr).toContain('docs/PROGRAMS.md')
  })
})
