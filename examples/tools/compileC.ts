import { readFile } from 'node:fs/promises'
import { commands, runLLVM } from '@yowasp/clang'

/**
 * Compiles one C file to a WASI module with the clang that npm carries. The same source gives the same bytes on
 * every machine.
 *
 * @param headers what it includes besides the standard library, without folders
 */
export async function compileC(source: URL, headers: readonly URL[] = []): Promise<Uint8Array> {
  const files = await Promise.all(
    [source, ...headers].map(async (url) => [nameOf(url), await readFile(url, 'utf8')] as const),
  )
  const flags = ['-std=c17', '-O2', '-Wall', '-Wextra', '-Werror', '-Wl,--strip-all']
  // Loads the compiler without its progress report, which would go to standard output.
  await runLLVM(undefined, {}, { fetchProgress: () => {} })
  const made = await commands.clang(
    [...flags, '-o', 'module.wasm', nameOf(source)],
    Object.fromEntries(files),
  )
  return made!['module.wasm'] as Uint8Array
}

function nameOf({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1)
}
