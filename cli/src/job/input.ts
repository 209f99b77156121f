/** What a program gets to see, by options that `run` and `trace` share: the same words must make the same bytes. */
import { basename } from 'node:path'
import type { InputOptions } from '@millrace/sdk'
import type { Command } from 'commander'
import { gather, parsePair } from '../parse/parsePair.ts'
import type { Session } from '../terminal/Session.ts'
import { collectFiles } from './collectFiles.ts'
import { readStdin } from './readStdin.ts'

export interface InputWords {
  env?: string[]
  file?: string[]
  dir?: string[]
  stdin: boolean
}

export function addInputOptions(command: Command): Command {
  return command
    .option('-e, --env <name=value>', 'a variable; many times', gather)
    .option('-f, --file <guest=host>', 'a file that the program sees; many times', gather)
    .option('-d, --dir <guest=host>', 'all files below a folder; many times', gather)
    .option('--no-stdin', 'give it no standard input, where none would end by itself')
}

/** All but standard input, which is read as late as can be. */
export function readInput(
  session: Session,
  options: InputWords,
  { file, args }: { file: string; args: readonly string[] },
): InputOptions {
  return {
    name: basename(file),
    args,
    env: Object.fromEntries((options.env ?? []).map((pair) => parsePair(pair, '--env'))),
    files: collectFiles(session.cwd, options),
  }
}

export async function readStandardInput(session: Session, options: InputWords): Promise<InputOptions> {
  return { stdin: options.stdin ? await readStdin(session) : undefined }
}
