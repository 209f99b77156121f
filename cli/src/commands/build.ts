import { basename, extname, resolve } from 'node:path'
import { type Program as Built, STACK_SLOTS } from '@millrace/machine'
import { compileSource } from '../build/compileSource.ts'
import { programOf } from '../build/programOf.ts'
import { putFile } from '../build/putFile.ts'
import { CliError } from '../failures/CliError.ts'
import { formatBytes } from '../format/formatBytes.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { write } from '../terminal/answer.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { pairs } from '../terminal/table.ts'
import type { Program } from './command.ts'

interface BuildOptions extends GlobalOptions {
  c?: string
  output?: string
}

const PAGE_BYTES = 65_536

/** `millrace build` */
export function addBuild({ command, does }: Program): void {
  does(
    command
      .command('build [module]')
      .description('what a module becomes before it runs: its root, its limits, or why it is refused')
      .option('--c <source>', 'compile a C or C++ file first')
      .option('-o, --output <file>', 'with a module, where the canonical program goes; with --c, the module'),
    build,
  )
}

async function build(session: Session, options: BuildOptions, module?: string): Promise<Answer> {
  if ((module === undefined) === (options.c === undefined)) {
    throw new CliError('bad-value', 'Give either a module or --c with a source file.', {
      remedy: '`millrace build x.wasm`, or `millrace build --c x.c`.',
    })
  }
  return options.c === undefined
    ? buildModule(session, options, resolve(session.cwd, module!))
    : compile(session, options, resolve(session.cwd, options.c))
}

function buildModule(session: Session, { output }: BuildOptions, file: string): Answer {
  const program = programOf(readHostFile(file))
  const written = output === undefined ? undefined : putFile(resolve(session.cwd, output), program.canonical)
  return answer(program, { written })
}

/** The module goes to a file whether or not the machine takes it: the compiler did its part. */
async function compile(session: Session, { output, quiet }: BuildOptions, source: string): Promise<Answer> {
  const { module, warnings } = await compileSource(session.cwd, source)
  if (!quiet) await write(session.stderr, warnings.map((line) => `${line}\n`).join(''))
  const target = output ?? `${source.slice(0, -extname(source).length)}.wasm`
  const written = putFile(resolve(session.cwd, target), module)
  return answer(programOf(module), { source: basename(source), written })
}

function answer(
  program: Built,
  { source, written }: { source?: string; written?: string | undefined },
): Answer {
  const { canonical, memory, ...facts } = program
  return {
    json: {
      ok: true,
      ...facts,
      canonicalSize: canonical.length,
      memory,
      stackSlots: STACK_SLOTS,
      source,
      written,
    },
    lines: describe(program, written),
  }
}

function describe(
  { root, version, moduleSize, canonical, entry, kind, imports, memory, work }: Built,
  written?: string,
): string[] {
  const factor = (canonical.length / moduleSize).toFixed(1)
  const count = (amount: number) => groupThousands(String(amount))
  const pages = (amount: number) => formatBytes(amount * PAGE_BYTES)
  return pairs([
    ['program root', root],
    ['machine', `version ${version}`],
    ['module', formatBytes(moduleSize)],
    ['canonical', `${formatBytes(canonical.length)}, ${factor} times the module`],
    ['functions', `${count(work.functions)}, and ${count(work.libraryFunctions)} of the WASI library`],
    ['fuel', `charged at ${count(work.charges)} places for ${count(work.blocks)} basic blocks`],
    ['depth', `looked at by ${count(work.guards)} functions, those that calls can come back to`],
    ['NaN', `made canonical at ${count(work.nanLooks)} places, where its bits could be seen`],
    ['runs', `${entry}, ${kind === 'wasi' ? 'through WASI' : 'which only computes and exits'}`],
    ['imports', imports.length === 0 ? 'none' : imports.map((name) => name.replace(/^.*\./, '')).join(', ')],
    [
      'memory',
      memory.maxPages === 0
        ? 'none'
        : `${pages(memory.minPages)} at its start, at most ${pages(memory.maxPages)}`,
    ],
    ['stack', `at most ${groupThousands(String(STACK_SLOTS))} slots`],
    ['written', written],
  ])
}
