import {
  type GameEnd,
  getMarket,
  listDisputes,
  type MillraceClient,
  playGame,
  type Side,
} from '@millrace/sdk'
import { type DisputeState, disputeStateSchema } from '@millrace/sdk/api'
import { openClient, openReader } from '../config/openClient.ts'
import { type ReadDispute, readDispute } from '../dispute/readDispute.ts'
import { type BytesOptions, findRunBytes, withTracer } from '../dispute/runBytes.ts'
import { type TracedDispute, traceDispute } from '../dispute/traceDispute.ts'
import { CliError } from '../failures/CliError.ts'
import { formatMoment } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { parseId } from '../parse/parseId.ts'
import { describeDispute, disputeJson } from '../show/dispute.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { shorten, table } from '../terminal/table.ts'
import type { Program } from './command.ts'

interface ShowOptions extends GlobalOptions, BytesOptions {
  trace: boolean
}

interface PlayOptions extends GlobalOptions, BytesOptions {
  as: string
}

/** `millrace dispute list|show|play` */
export function addDispute({ command, does }: Program): void {
  const dispute = command.command('dispute').description('look at contested results, and play their games')
  does(
    dispute
      .command('list')
      .description('cases, newest first')
      .option('--state <state>', `one of ${disputeStateSchema.options.join(', ')}`),
    list,
  )
  const bytes = (added: ReturnType<typeof dispute.command>) =>
    added
      .option('--program <module>', "the job's program; else the matcher's")
      .option('--input <file>', "the job's input, encoded; else the matcher's")
  does(
    bytes(dispute.command('show <case>'))
      .description('who says what, where they differ, whose turn it is, and the step that it came down to')
      .option('--no-trace', 'do not run the job here'),
    show,
  )
  does(
    bytes(dispute.command('play <case>'))
      .description('play one side of a game from here to its end, with the key of that side')
      .requiredOption('--as <side>', 'challenger or provider'),
    play,
  )
}

async function list(
  session: Session,
  { state, ...options }: GlobalOptions & { state?: string },
): Promise<Answer> {
  const known = disputeStateSchema.safeParse(state)
  if (state !== undefined && !known.success) {
    throw new CliError('bad-value', `--state: there is no ${JSON.stringify(state)}.`, {
      remedy: `One of ${disputeStateSchema.options.join(', ')}.`,
    })
  }
  const client = openReader(session, options)
  const disputes = await listDisputes(client, { state: state as DisputeState | undefined })
  const now = Date.now() / 1_000
  const rows = disputes.map(({ id, state, openedAt, game, challenger, provider }) => [
    id,
    state,
    formatMoment(Number(openedAt), now),
    state === 'open' && game && game.state !== 'ended' ? `the ${game.turn}’s turn` : '',
    shorten(provider),
    shorten(challenger),
  ])
  const head = ['case', 'state', 'opened', 'game', 'provider', 'challenger']
  return {
    json: { ok: true, disputes },
    lines: rows.length > 0 ? table([head, ...rows]) : ['No cases.'],
  }
}

async function show(session: Session, options: ShowOptions, id = ''): Promise<Answer> {
  const caseId = parseId(id, 'case')
  const client = openReader(session, options)
  const [found, { tokens }] = await Promise.all([readDispute(client, caseId), getMarket(client)])
  const token = tokens[0]!
  const { trace, why } = await traceIf(session, options, client, found)
  const unseen = why === undefined ? [] : ['', `The job was not run here: ${why}`]
  return {
    json: { ok: true, ...disputeJson(found, trace), untraced: why ?? null },
    lines: [...describeDispute(found, token, trace), ...unseen],
  }
}

/** Runs the job here, where that is wanted and can be done; else says why not. */
async function traceIf(
  session: Session,
  options: ShowOptions,
  client: MillraceClient,
  { view, game }: ReadDispute,
): Promise<{ trace?: TracedDispute; why?: string }> {
  if (!options.trace || !game) return {}
  try {
    const bytes = await findRunBytes(session, client, view, options)
    const trace = await withTracer(
      session,
      bytes,
      view.job,
      (tracer) => traceDispute(tracer, bytes, game),
      progressOn(session, options),
    )
    return { trace }
  } catch (error) {
    // What can be read is worth showing without it; a file that was named is meant.
    if (options.program !== undefined || options.input !== undefined || session.interrupted.aborted)
      throw error
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

async function play(session: Session, options: PlayOptions, id = ''): Promise<Answer> {
  const caseId = parseId(id, 'case')
  const side = sideOf(options.as)
  const { client } = await openClient(session, options, side === 'challenger' ? 'tasker' : 'provider')
  const { view, game } = await readDispute(client, caseId)
  if (!game) {
    throw new CliError('bad-value', `Case ${caseId} is judged by an arbiter: there is no game to play.`, {
      remedy: 'Wait for its ruling: `millrace dispute show` tells of it.',
      facts: { arbiter: view.scheme.arbiter },
    })
  }
  const bytes = await findRunBytes(session, client, view, options)
  const end = await withTracer(session, bytes, view.job, (tracer) =>
    playGame(client, {
      ...{ caseId, side, tracer, signal: session.interrupted },
      onMove: ({ by, kind, tx, gas }) => {
        if (options.quiet || options.json) return
        session.stderr.write(
          `${by.padEnd(10)}  ${kind.padEnd(7)}  ${tx}  (gas ${groupThousands(`${gas}`)})\n`,
        )
      },
    }),
  )
  const { view: last, ...rest } = end
  return { json: { ok: true, case: caseId, side, ...rest, game: last }, lines: endLines(side, end) }
}

function endLines(side: Side, { verdict, proven, step, gas, settled }: GameEnd): string[] {
  const how = proven
    ? `by a proof${step === undefined ? '' : ` of step ${groupThousands(`${step}`)}`}`
    : 'by a clock'
  const told = verdict === 'guilty' || verdict === 'clean' ? `${verdict}, ${how}` : verdict
  const own = gas[side] + (settled?.gas ?? 0n)
  return [`The case ended: ${told}. The ${side}’s moves took ${groupThousands(`${own}`)} gas.`]
}

function sideOf(text: string): Side {
  if (text === 'challenger' || text === 'provider') return text
  throw new CliError('bad-value', `--as: ${JSON.stringify(text)} plays in no game.`, {
    remedy: 'Write --as challenger or --as provider.',
  })
}

/** A line every few seconds of a long run. */
function progressOn({ stderr }: Session, { quiet, json }: GlobalOptions): (steps: bigint) => void {
  const EVERY_MS = 2_000
  let last = Date.now()
  return (steps) => {
    if (quiet || json || Date.now() - last < EVERY_MS) return
    last = Date.now()
    stderr.write(`at step ${groupThousands(String(steps))}\n`)
  }
}
