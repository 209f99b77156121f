import { readFile } from 'node:fs/promises'
import wabt from 'wabt'

/** Assembles WebAssembly text. Features that the machine refuses are let through: that is what some are for. */
export async function compileWat(source: URL): Promise<Uint8Array> {
  const features = { simd: true, threads: true, bulk_memory: true }
  const { parseWat } = await wabt()
  const module = parseWat(source.pathname, await readFile(source, 'utf8'), features)
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}
