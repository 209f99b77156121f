/** Modules from Binaryen's generator: valid, with loops that end, and no NaN that an engine could choose. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { randomFrom } from '../random/random.ts'
import { SECTION } from '../wasm/decodeModule.ts'
import { KIND } from '../wasm/module.ts'
import { Reader } from '../wasm/reader.ts'
import { Writer } from '../wasm/writer.ts'

const require = createRequire(import.meta.url)
const GENERATOR = join(require.resolve('binaryen'), '../bin/wasm-opt')

const FEATURES = ['sign-ext', 'mutable-globals', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue']

/** The most bytes of randomness that one module is made of. */
const ENTROPY = 6_000

export async function randomModule(seed: number): Promise<Uint8Array> {
  const random = randomFrom(seed)
  const entropy = Uint8Array.from({ length: 500 + random() * ENTROPY }, () => random() * 256)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
  try {
    const [input, output] = [join(folder, 'entropy'), join(folder, 'module.wasm')]
    writeFileSync(input, entropy)
    const features = ['--mvp-features', ...FEATURES.map((name) => `--enable-${name}`)]
    await runGenerator(['-ttf', input, '-o', output, '--denan', ...features])
    return withMemoryExported(new Uint8Array(readFileSync(output)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Script = (
  Module: object,
  require: NodeJS.Require,
  process: object,
  __filename: string,
  __dirname: string,
  module: object,
  engine: object,
) => void

let script: Script | undefined
let compiled: WebAssembly.Module | undefined

/**
 * Runs Binaryen's command within this process: a process of its own takes ten times as long, most of it to load
 * eleven megabytes. The script is what its `bin` carries, made for one run, so each run gets fresh surroundings.
 */
async function runGenerator(args: readonly string[]): Promise<void> {
  const names = ['Module', 'require', 'process', '__filename', '__dirname', 'module', 'WebAssembly']
  script ??= new Function(...names, readFileSync(GENERATOR, 'utf8').replace(/^#!.*\n/, '')) as Script
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const options = {
    postRun: [resolve],
    onAbort: (reason: unknown) => reject(new Error(`wasm-opt: ${reason}`)),
    printErr: () => {},
    ...(compiled && {
      instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
        WebAssembly.instantiate(compiled!, imports).then(done, reject)
      },
    }),
  }
  const engine = Object.create(WebAssembly, {
    instantiate: {
      value: async (bytes: BufferSource, imports: WebAssembly.Imports) => {
        compiled = await WebAssembly.compile(bytes)
        return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) }
      },
    },
  })
  const surroundings = Object.create(process, {
    argv: { value: [process.execPath, GENERATOR, ...args] },
    exitCode: { value: 0, writable: true },
    on: { value: () => {} },
  })
  script(options, require, surroundings, GENERATOR, dirname(GENERATOR), {}, engine)
  await promise
}

/** The same module with its memory among its exports, so that it can be compared. */
function withMemoryExported(bytes: Uint8Array): Uint8Array {
  const out = new Writer(bytes.length + 64)
  const reader = new Reader(bytes, 8)
  out.copy(bytes, 0, 8)
  while (reader.pos < bytes.length) {
    const start = reader.pos
    const id = reader.u8()
    const end = reader.u32() + reader.pos
    if (id === SECTION.export) {
      const content = new Writer()
      content.u32(reader.u32() + 1)
      content.copy(bytes, reader.pos, end)
      content.name('memory')
      content.put(KIND.memory, 0)
      out.section(id, content)
    } else {
      out.copy(bytes, start, end)
    }
    reader.pos = end
  }
  return out.finish()
}
