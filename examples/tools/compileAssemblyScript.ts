import { readFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

/** Compiles an AssemblyScript program whose files lie in one folder; its top level becomes `_start`. */
export async function compileAssemblyScript(folder: URL, entry: string): Promise<Uint8Array> {
  let module: Uint8Array | undefined
  const options = ['-O3', '--runtime', 'minimal', '--exportStart', '_start', '--outFile', 'module.wasm']
  const { error, stderr } = await asc.main([entry, ...options], {
    readFile: (name) => readFile(new URL(name, folder), 'utf8').catch(() => null),
    writeFile: (_, content) => {
      module = content as Uint8Array
    },
    listFiles: () => [],
  })
  if (error || !module) throw new Error(`${entry} does not compile.\n${stderr}`, { cause: error })
  return module
}
