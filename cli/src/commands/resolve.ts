import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { listDisputes } from '@millrace/sdk'
import type { Address } from 'viem'
import { addressOf, openPrivateKey, openReader } from '../config/openClient.ts'
import { matcherUrl } from '../config/settings.ts'
import { CliError } from '../failures/CliError.ts'
import { formatMoment } from '../format/formatTime.ts'
import { parseId } from '../parse/parseId.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { shorten, table } from '../terminal/table.ts'
import type { Program } from './command.ts'

/** The arbiters' scripts: a process of their own, since this package knows nothing of the scripts. */
const ARBITER = fileURLToPath(new URL('../../../scripts/arbiter/main.ts', import.meta.url))

interface ResolveOptions extends GlobalOptions {
  auto?: boolean
  watch?: boolean
}

/** `millrace resolve` */
export function addResolve({ command, does }: Program): void {
  does(
    command
      .command('resolve [case]')
      .description('for arbiters: list open cases, or look into one and run it again')
      .option('--auto', 'rule as suggested, if there is no doubt')
      .option('--watch', 'rule every case as it comes, until Ctrl-C'),
    resolveCase,
  )
}

async function resolveCase(session: Session, options: ResolveOptions, id?: string): Promise<Answer> {
  if (!existsSync(ARBITER)) {
    throw new CliError('no-clone', 'The arbiters’ scripts are part of a clone of the project.', {
      remedy: 'Clone the repository and call `npx millrace resolve` in it.',
    })
  }
  const common = ['--matcher', matcherUrl(session, options), ...(options.json ? ['--json'] : [])]
  if (session.env.MILLRACE_RPC) common.push('--rpc', session.env.MILLRACE_RPC)
  const key = async () => JSON.stringify({ privateKey: await openPrivateKey(session, options, 'arbiter') })
  if (options.watch) return runScript(session, ['watch', ...common], await key())
  if (id === undefined) return listCases(session, options)
  const words = ['resolve', ...common, '--case', parseId(id, 'case')]
  return options.auto ? runScript(session, [...words, '--auto'], await key()) : runScript(session, words)
}

async function listCases(session: Session, options: GlobalOptions): Promise<Answer> {
  const client = openReader(session, options)
  const arbiter = (await addressOf(session, options, 'arbiter')).toLowerCase() as Address
  const open = await listDisputes(client, { arbiter, state: 'open' })
  const cases = open.sort((a, b) => Number(a.ruleBy - b.ruleBy))
  const now = Date.now() / 1000
  const rows = cases.map(({ id, ruleBy, challenger }) => [
    id,
    formatMoment(Number(ruleBy), now),
    shorten(challenger),
  ])
  const lines = rows.length > 0 ? table([['case', 'rule before', 'challenger'], ...rows]) : ['No open cases.']
  return { json: { ok: true, cases }, lines }
}

/** The key goes through a pipe: an argument or a variable could be read by others. */
async function runScript(session: Session, words: readonly string[], stdin = ''): Promise<Answer> {
  const child = spawn(process.execPath, [ARBITER, ...words], {
    cwd: session.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdout.pipe(session.stdout, { end: false })
  child.stderr.pipe(session.stderr, { end: false })
  child.stdin.end(stdin)
  session.interrupted.addEventListener('abort', () => child.kill('SIGINT'))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { exitCode }
}
