import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * Compiles one Rust file to a WASI module with the `rustc` on PATH, or the one that `RUSTC` names. On Debian 12:
 * `apt-get install rustc libstd-rust-dev-wasm32 lld`.
 */
export async function compileRust(source: URL): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-rust-'))
  const module = join(folder, 'module.wasm')
  const codegen = ['opt-level=z', 'lto', 'panic=abort', 'strip=symbols'].flatMap((option) => ['-C', option])
  try {
    await promisify(execFile)(process.env.RUSTC ?? 'rustc', [
      ...['--edition', '2021', '--target', 'wasm32-wasi', ...codegen],
      // Panic messages would name the folder that the project happens to lie in.
      ...['--remap-path-prefix', `${fileURLToPath(new URL('.', source))}=`],
      ...['--crate-name', 'program', '-o', module, fileURLToPath(source)],
    ])
    return await readFile(module)
  } finally {
    await rm(folder, { recursive: true })
  }
}
