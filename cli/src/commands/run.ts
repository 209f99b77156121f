import { resolve } from 'node:path'
import { type OnPhase, parseAmount, run } from '@millrace/sdk'
import { findScheme } from '../config/findScheme.ts'
import { findToken } from '../config/findToken.ts'
import { openClient } from '../config/openClient.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { follow } from '../job/follow.ts'
import { addInputOptions, type InputWords, readInput, readStandardInput } from '../job/input.ts'
import { prepareFolder } from '../job/writeFiles.ts'
import { parseAddress } from '../parse/parseAddress.ts'
import { parseCount, parseDuration, parseFuel, parseSize } from '../parse/parseQuantity.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

interface RunOptions extends GlobalOptions, InputWords {
  out?: string
  maxPrice?: string
  fuel?: string
  outputMax?: string
  token?: string
  provider?: string
  scheme?: string
  attempts?: string
  timeout?: string
  verify?: boolean
  deposit?: boolean
}

/** `millrace run` */
export function addRun({ command, does }: Program): void {
  const run = command
    .command('run <module> [args...]')
    .description('run a Wasm program through the market: millrace run x.wasm -- args < in > out')
  does(
    addInputOptions(run)
      .option(
        '-o, --out <dir>',
        'where to write the files that it makes in /out; an empty folder, or a new one',
      )
      .option('--max-price <amount>', 'the most that it may cost, all in')
      .option('--fuel <fuel>', 'the most fuel that it may use, such as 500M')
      .option('--output-max <size>', 'the most bytes of output')
      .option('--token <symbol>', "what it is paid in; else the market's first")
      .option('--provider <address>', 'nobody but this one')
      .option('--scheme <scheme>', "who judges a dispute: proof (nobody does), arbiter, or a scheme's leaf")
      .option('--attempts <n>', 'how often it may be tried, each time with another provider')
      .option('--timeout <time>', 'stop waiting after so long; the job goes on')
      .option('--verify', 'run it again on this computer, and challenge a wrong result')
      .option('--deposit', 'deposit what is missing from the wallet'),
    runProgram,
  )
}

async function runProgram(
  session: Session,
  options: RunOptions,
  module = '',
  ...args: string[]
): Promise<Answer> {
  const file = resolve(session.cwd, module)
  const program = readHostFile(file)
  const input = readInput(session, options, { file, args })
  const limits = {
    fuel: options.fuel === undefined ? undefined : parseFuel(options.fuel, '--fuel'),
    outputMax: options.outputMax === undefined ? undefined : parseSize(options.outputMax, '--output-max'),
    attempts: options.attempts === undefined ? undefined : parseCount(options.attempts, '--attempts', 1),
    timeout: options.timeout === undefined ? undefined : parseDuration(options.timeout, '--timeout') * 1000,
    provider: options.provider === undefined ? undefined : parseAddress(options.provider, '--provider'),
  }
  const out = options.out === undefined ? undefined : resolve(session.cwd, options.out)
  if (out !== undefined) prepareFolder(out)
  const { client } = await openClient(session, options, 'tasker')
  const token = await findToken(client, options.token)
  const maxPrice = options.maxPrice === undefined ? undefined : parseAmount(options.maxPrice, token)
  const scheme = await findScheme(client, options.scheme)
  const start = async (onPhase: OnPhase) =>
    run(client, {
      program,
      ...input,
      ...(await readStandardInput(session, options)),
      ...limits,
      scheme,
      maxPrice,
      token: token.address,
      verify: options.verify,
      deposit: options.deposit ? 'auto' : 'never',
      signal: session.interrupted,
      onPhase,
    })
  return follow(session, options, token, start, { out })
}
