import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { CliError } from '../failures/CliError.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { findCompiler, type Tree } from './findCompiler.ts'

/** By extension: what to call and with what. Exceptions would need what the machine refuses. */
const LANGUAGES: Readonly<Record<string, { command: 'clang' | 'clang++'; flags: readonly string[] }>> = {
  '.c': { command: 'clang', flags: ['-std=c17'] },
  '.cc': { command: 'clang++', flags: ['-std=c++20', '-fno-exceptions'] },
  '.cpp': { command: 'clang++', flags: ['-std=c++20', '-fno-exceptions'] },
  '.cxx': { command: 'clang++', flags: ['-std=c++20', '-fno-exceptions'] },
}
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Wl,--strip-all']
const HEADER = /\.(h|hh|hpp|hxx|inc)$/

export interface Compiled {
  readonly module: Uint8Array
  /** What the compiler had to say all the same. */
  readonly warnings: readonly string[]
}

/**
 * Compiles one source file, with the headers that lie beside it, to a module for WASI preview 1. The same files give
 * the same bytes on every computer.
 *
 * @throws {CliError} `file-unreadable`, `bad-value`, `no-compiler`, `compile-failed`
 */
export async function compileSource(cwd: string, path: string): Promise<Compiled> {
  const language = LANGUAGES[extname(path).toLowerCase()]
  if (!language) {
    throw new CliError('bad-value', `--c compiles C and C++, and ${basename(path)} is neither by its name.`, {
      remedy: `Name it ${Object.keys(LANGUAGES).join(', ')}; docs/PROGRAMS.md tells of other languages.`,
    })
  }
  const name = basename(path)
  const files: Tree = { [name]: readHostFile(path), ...headersBeside(path) }
  const compiler = await findCompiler(cwd)
  const said = new Utterance()
  try {
    const args = [...language.flags, ...FLAGS, '-o', 'module.wasm', name]
    const made = (await compiler.commands[language.command](args, files, said.options)) as Tree
    return { module: made['module.wasm'] as Uint8Array, warnings: said.lines }
  } catch (cause) {
    // Whatever is not the compiler's own exit is a fault of ours or of its package.
    if (typeof (cause as { code?: unknown }).code !== 'number') throw cause
    throw new CliError('compile-failed', `${name} does not compile.`, {
      remedy:
        'The lines above are the compiler\u2019s; the program must be one file, with its headers beside it.',
      facts: { file: path, compiler: said.lines },
      details: said.lines,
      cause,
    })
  }
}

function headersBeside(path: string): Tree {
  const folder = dirname(path)
  const names = readdirSync(folder).filter((name) => HEADER.test(name))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]))
}

/** What the compiler writes, kept apart from what this program writes. */
class Utterance {
  private readonly decoder = new TextDecoder()
  private text = ''

  readonly options = {
    stdout: (bytes: Uint8Array | null) => this.add(bytes),
    stderr: (bytes: Uint8Array | null) => this.add(bytes),
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line.trim() !== '')
  }

  private add(bytes: Uint8Array | null): void {
    if (bytes) this.text += this.decoder.decode(bytes, { stream: true })
  }
}
