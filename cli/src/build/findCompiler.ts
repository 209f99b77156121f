import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../failures/CliError.ts'

/** A folder as the compiler takes it. */
export interface Tree {
  [name: string]: Tree | string | Uint8Array
}

/** What is used of the compiler's package. */
export interface Compiler {
  readonly runLLVM: (args: undefined, files: Tree, options: object) => unknown
  readonly commands: Readonly<
    Record<'clang' | 'clang++', (args: string[], files: Tree, options: object) => unknown>
  >
}

const PACKAGE = '@yowasp/clang'

/**
 * The clang that npm carries, installed where the user is or beside this program. It is no dependency of the command
 * line: it has 100 MB, and few who run programs compile them here.
 *
 * @throws {CliError} `no-compiler`
 */
export async function findCompiler(cwd: string): Promise<Compiler> {
  const compiler = (await importFrom(join(cwd, 'package.json'))) ?? (await importFrom(import.meta.url))
  if (!compiler) {
    throw new CliError('no-compiler', `The compiler is not installed: there is no ${PACKAGE} here.`, {
      remedy: `\`npm install ${PACKAGE}\` in this folder, or compile with a clang of your own for wasm32-wasi.`,
    })
  }
  // Loads it without its progress report, which would go to standard output.
  await compiler.runLLVM(undefined, {}, { fetchProgress: () => {} })
  return compiler
}

async function importFrom(place: string): Promise<Compiler | null> {
  let path: string
  try {
    path = createRequire(place).resolve(PACKAGE)
  } catch {
    return null
  }
  return await import(pathToFileURL(path).href)
}
