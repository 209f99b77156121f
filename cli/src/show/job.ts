import { formatAmount, type JobStep, type JobView, type Token } from '@millrace/sdk'
import { formatBytes } from '../format/formatBytes.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { formatDuration } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { pairs, shorten, table } from '../terminal/table.ts'

/** How a program ended, by the status of its result. */
export const STATUS_WORDS = [
  'exited',
  'trapped',
  'ran out of fuel',
  'exhausted its stack',
  'filled its output',
]

/** A job and its way so far, for a person. */
export function describeJob(job: JobView, token: Token): string[] {
  const { result, trap } = job.result ?? {}
  const facts = pairs([
    ['job', job.id],
    ['state', job.reason ? `${job.state} (${job.reason})` : job.state],
    ['lease', job.lease],
    ['order', job.order],
    ['tasker', job.tasker],
    ['provider', job.provider],
    ['program', job.ticket.job.programRoot],
    ['input', job.ticket.job.input],
    ['limits', `${formatFuel(job.ticket.job.fuel)}, ${formatBytes(job.ticket.job.outputMax)} of output`],
    ['result', result && `${STATUS_WORDS[result.status] ?? result.status}, ${formatFuel(result.fuelUsed)}`],
    ['why', trap && `${trap}, as the provider says`],
    ['output', result?.output],
    ['owed', owedFor(job, token)],
  ])
  return [...facts, '', ...describeSteps(job.timeline)]
}

/** What its provider asks for it; nothing is owed for a result that was proven wrong. */
const owedFor = ({ state, close }: JobView, token: Token): string | undefined =>
  close && state !== 'slashed' ? formatAmount(close.owed, token) : undefined

/** One line a step, with the transaction that took it and its gas. */
export function describeSteps(steps: readonly JobStep[]): string[] {
  const first = steps[0]?.at ?? 0
  return table([
    ['after', 'step', 'transaction', 'gas', 'note'],
    ...steps.map(({ at, state, tx, gas, note }) => [
      `${((at - first) / 1000).toFixed(2)} s`,
      state,
      tx ? shorten(tx) : '',
      gas === undefined ? '' : groupThousands(gas.toString()),
      note ?? '',
    ]),
  ])
}

/** Many jobs, one line each. */
export function listJobs(jobs: readonly JobView[], token: Token, now: number): string[] {
  if (jobs.length === 0) return ['No jobs.']
  return table([
    ['job', 'age', 'state', 'result', 'owed', 'provider'],
    ...jobs.map((job) => {
      const result = job.result?.result
      return [
        job.id,
        formatDuration((now - (job.timeline[0]?.at ?? now)) / 1000),
        job.state,
        result ? (STATUS_WORDS[result.status] ?? '') : (job.reason ?? ''),
        owedFor(job, token) ?? '',
        shorten(job.provider),
      ]
    }),
  ])
}
