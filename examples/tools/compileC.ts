import { readFile } from 'node:fs/promises'
import { commands, runLLVM } from '@yowasp/clang'

/**
 * Compiles one C file to a WASI module with the clang that npm carries. The same source gives the same bytes on
 * every machine.
 */
export async function compileC(source: URL): Promise<Uint8Array> {
  const name = source.pathname.slice(source.pathname.lastIndexOf('/') + 1)
  const flags = ['-std=c17', '-O2', '-Wall', '-Wextra', '-Werror', '-Wl,--strip-all']
  // Loads the compiler without its progress report, which would go to standard output.
  await runLLVM(undefined, {}, { fetchProgress: () => {} })
  const files = await commands.clang([...flags, '-o', 'module.wasm', name], {
    [name]: await readFile(source, 'utf8'),
  })
  return files!['module.wasm'] as Uint8Array
}
