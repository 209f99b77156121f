/** Modules from Binaryen's generator: valid, with loops that end, and no NaN that an engine could choose. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECTION } from '../wasm/decodeModule.ts'
import { KIND } from '../wasm/module.ts'
import { Reader } from '../wasm/reader.ts'
import { Writer } from '../wasm/writer.ts'
import { randomFrom } from './random.ts'

const GENERATOR = join(createRequire(import.meta.url).resolve('binaryen'), '../bin/wasm-opt')

const FEATURES = ['sign-ext', 'mutable-globals', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue']

/** Bytes of randomness that one module is made of. */
const ENTROPY = 20_000

export function randomModule(seed: number): Uint8Array {
  const random = randomFrom(seed)
  const entropy = Uint8Array.from({ length: ENTROPY }, () => random() * 256)
  const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
  try {
    const [input, output] = [join(folder, 'entropy'), join(folder, 'module.wasm')]
    writeFileSync(input, entropy)
    const features = ['--mvp-features', ...FEATURES.map((name) => `--enable-${name}`)]
    execFileSync(process.execPath, [GENERATOR, '-ttf', input, '-o', output, '--denan', ...features], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    return withMemoryExported(new Uint8Array(readFileSync(output)))
  } finally {
    rmSync(folder, { recursive: true })
  }
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
