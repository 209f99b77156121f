import { Command, CommanderError } from 'commander'
import type { Program } from './commands/command.ts'
import { exitCodes } from './failures/exitCodes.ts'
import { refuseKeys } from './keystore/refuseKeys.ts'
import { writeAnswer, writeFailure } from './terminal/answer.ts'
import type { GlobalOptions, Session } from './terminal/Session.ts'

/** Each brings what it needs when it is wanted: none waits for the libraries of another. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Program) => void>>> = {
  run: async () => (await import('./commands/run.ts')).addRun,
  build: async () => (await import('./commands/build.ts')).addBuild,
  trace: async () => (await import('./commands/trace.ts')).addTrace,
  quote: async () => (await import('./commands/quote.ts')).addQuote,
  job: async () => (await import('./commands/job.ts')).addJob,
  funds: async () => (await import('./commands/funds.ts')).addFunds,
  provide: async () => (await import('./commands/provide.ts')).addProvide,
  watch: async () => (await import('./commands/watch.ts')).addWatch,
  dispute: async () => (await import('./commands/dispute.ts')).addDispute,
  resolve: async () => (await import('./commands/resolve.ts')).addResolve,
  dev: async () => (await import('./commands/dev.ts')).addDev,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  key: async () => (await import('./commands/key.ts')).addKey,
}

/** Runs one command line to its end and says with which code the process should exit. */
export async function runCommandLine(words: readonly string[], session: Session): Promise<number> {
  const before = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const asked: GlobalOptions = { json: before.includes('--json') }
  let exitCode: number = exitCodes.ok
  const command = describeProgram(session)
  const program: Program = {
    command,
    does(target, work) {
      target.action(async (...args: unknown[]) => {
        const options = target.optsWithGlobals() as Parameters<typeof work>[1]
        const words = (args.slice(0, -2) as (string | string[])[]).flat()
        exitCode = await writeAnswer(session, options, await work(session, options, ...words))
      })
    },
  }
  const named = commandIn(command, before)
  // Help and a word that is misspelt are about all of them.
  const wanted = named === undefined ? Object.values(COMMANDS) : [COMMANDS[named]!]
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program)

  try {
    refuseKeys(words)
    await command.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return await writeFailure(session, asked, thrown)
  }
}

/** The command that the words name, if it is one. Options of all commands may stand before it. */
function commandIn({ options }: Command, words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('-')) return Object.hasOwn(COMMANDS, word) ? word : undefined
    if (options.some((option) => option.required && option.long === word)) at++
  }
  return undefined
}

function describeProgram(session: Session): Command {
  return new Command('millrace')
    .description('A market for spare computing cycles, settled by smart contracts.')
    .option('--json', 'print one JSON object on stdout')
    .option('-q, --quiet', 'no progress on stderr')
    .option('--matcher <url>', 'the matcher; else MILLRACE_MATCHER, else the stack of this folder')
    .option('--keystore <file>', 'the key that acts; else MILLRACE_KEYSTORE, else ~/.millrace/key.json')
    .option('--password-file <file>', 'holds the password of the keystore; else MILLRACE_PASSWORD_FILE')
    .showSuggestionAfterError(true)
    .showHelpAfterError('(--help tells what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => session.stdout.write(text),
      writeErr: (text) => session.stderr.write(text),
    })
    .addHelpText('after', EXIT_CODES)
}

const EXIT_CODES = `
Exit codes:
  0          done; for \`run\`, the program exited with 0
  0 to 255   for \`run\`, what the program exited with
  1          failed, as the message says
  2          wrong command line
  101 to 104 the program trapped, ran out of fuel, exhausted its stack, filled its output
  111        program or input refused before anything was signed
  112        nobody offers what was asked for
  113        too little money
  114        the job ended without a result
  115        the result is wrong and was challenged
  116        matcher or chain away, worth another try
  117        --timeout is over, the job goes on
  118        no key, or one that does not open
  119        doctor found what stops work
  130        detached by Ctrl-C, the job goes on`
