/**
 * One job from its ticket to a journaled result: fetch and verify, accept, run, write down. What is signed and
 * sent comes afterwards, from the journal (`outbox.ts`), so that a restart anywhere here changes nothing.
 */
import { commit } from '@millrace/machine'
import type { Tamper } from '@millrace/machine/steps'
import { HostAbort, type LoadedProgram, type Runner, type RunOutcome, type Session } from '@millrace/runner'
import { amountOf, type Domain, type JobView, type Terms } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import type { Exposure } from '../defence/exposure.ts'
import type { OpenTrace } from '../defence/source.ts'
import { faultAt } from '../fault.ts'
import type { JobRow, Journal } from '../journal/journal.ts'
import type { Leases } from '../leases.ts'
import { claimBy, isJobLease } from '../money/decide.ts'
import { deliverableBytes } from '../money/delivery.ts'
import type { ChainPort, MatcherPort } from '../ports.ts'
import { findBlob, keepForDefence } from './blobs.ts'
import { refuseClock, refuseTicket } from './check.ts'
import { findLie } from './lie.ts'
import { Refused, refusalOf } from './refused.ts'

export interface ServeDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly chain: ChainPort
  readonly runner: Runner
  readonly leases: Leases
  readonly domain: Domain
  /** Leaves of leases whose disputes are decided by proof. */
  readonly provable: ReadonlySet<Hex>
  /** Whether all results could be proven if they were contested at once. */
  readonly exposure: Exposure
  /** Most linear memory that was offered, in pages. */
  readonly memoryPages: number
  /** Seconds that a run and its delivery need at least. */
  readonly leastTime: bigint
  /** Resolves as soon as no game needs this computer: collateral comes before the next job. */
  quiet(): Promise<void>
  /** With it, the dishonest provider of a development stack, which runs what it alters by this. */
  readonly lie?: OpenTrace
  readonly log: Logger
}

/** Runs the job once more in a fresh process where the host, not the program, ended it. */
const ATTEMPTS = 2

/**
 * In a lease of many jobs one that ends sooner is not accepted first: its result says more, and a request for each
 * would cost as much as the job.
 */
const SHORT_JOB_MS = 50

/**
 * Takes a job as the matcher shows it and brings it to its end in the journal: a result, or why not.
 *
 * @throws what may pass: matcher or chain away, the runner stopped. The job is then as if it never came.
 */
export async function serveJob(view: JobView, deps: ServeDeps): Promise<void> {
  const { journal } = deps
  faultAt('pull')
  const terms = await deps.leases.termsOf(view.lease)
  const known = journal.job(view.id)
  if (known && known.state !== 'taken') return
  if (!known && !(await takeTicket(view, terms, deps))) return

  const job = journal.job(view.id)!
  try {
    const honest = await runVerified(job, terms, view.input, deps)
    const outcome = await lieAbout(job, honest, deps)
    const { status, fuelUsed, trap: detail, tamper, pages } = outcome
    const how = { detail, tamper, pages }
    const output = commit(outcome.output)
    const amount = amountOf(terms.price, fuelUsed, terms.jobFuel)
    faultAt('run')
    journal.settleResult({ ticket: job.id, status, fuelUsed, output }, outcome.output, amount, how)
    faultAt('result')
  } catch (error) {
    const refusal = refusalOf(error)
    if (!refusal) throw error
    journal.decline(job.id, refusal.reason, refusal.detail)
  } finally {
    deps.exposure.end(job.id)
  }
}

/** How a run came out, and the most memory that it could have had. */
type ServedRun = RunOutcome & { readonly pages: number }

/** The outcome that is signed: the honest one, but for a development liar. */
async function lieAbout(
  { id, ticket: { job } }: JobRow,
  honest: ServedRun,
  { journal, lie: open, log }: ServeDeps,
): Promise<ServedRun & { readonly tamper?: Tamper }> {
  if (!open) return honest
  const [program, input] = [job.programRoot, job.input].map((root) => journal.blob(root)!)
  const { fuel, outputMax } = job
  const lie = await findLie({ program: program!, input: input!, fuel, outputMax }, open)
  if (!lie) {
    log.warn({ job: id }, 'no lie was found about this job: its result is honest')
    return honest
  }
  const { tamper, altered, ...outcome } = lie
  const { place, was, is } = altered ?? {}
  log.info({ job: id, tamper: { ...tamper, step: tamper.step.toString() }, place, was, is }, 'a lie')
  return { ...honest, ...outcome, tamper }
}

/** Writes the ticket down, or why it is refused. */
async function takeTicket(view: JobView, terms: Terms, deps: ServeDeps): Promise<boolean> {
  const { journal, domain, matcher, leastTime } = deps
  const { ticket, ticketSignature: signature } = view
  const now = await deps.chain.now()
  // From here to the journal nothing waits: two tickets cannot both take the last fuel.
  const at = journal.jobAt(ticket.lease, ticket.index)
  const tally = journal.tally(ticket.lease)
  const committed = tally.fuel + BigInt(tally.results + tally.running) * terms.jobFuel
  const refusal = refuseTicket({
    ticket,
    signature,
    terms,
    provable: deps.provable.has(terms.scheme),
    domain,
    closing: journal.lease(ticket.lease)!.closing,
    taken: at !== undefined,
    committed,
    outputBytes: deliverableBytes(terms.store, matcher.market),
    leastTime,
    now,
  })
  // A place that is taken has its row already; the newcomer is only told.
  if (at) {
    await matcher.decline(view.id, refusal!.reason, refusal!.detail)
    return false
  }
  journal.addJob(view.id, ticket, signature)
  if (refusal) journal.decline(view.id, refusal.reason, refusal.detail)
  return !refusal
}

async function runVerified(
  job: JobRow,
  terms: Terms,
  inline: Uint8Array | undefined,
  deps: ServeDeps,
): Promise<ServedRun> {
  const key = processKey(job.lease, job.ticket.job.programRoot)
  await deps.quiet()
  for (let attempt = 1; ; attempt++) {
    try {
      return await deps.runner.use(key, (session) => runOnce(job, terms, inline, session, deps))
    } catch (error) {
      const again = error instanceof HostAbort && error.reason !== 'stopped' && error.reason !== 'wall-time'
      if (!again || attempt === ATTEMPTS) throw error
      deps.log.warn({ job: job.id, err: error }, 'the job’s process was aborted; trying once more')
    }
  }
}

/** One process for each program of a lease. */
export const processKey = (lease: Hex, programRoot: Hex): string => `${lease}:${programRoot}`

async function runOnce(
  job: JobRow,
  terms: Terms,
  inline: Uint8Array | undefined,
  session: Session,
  deps: ServeDeps,
): Promise<ServedRun> {
  const { job: work } = job.ticket
  let bytes: Uint8Array | undefined
  const program = await session.load(async () => {
    bytes = await findBlob(work.programRoot, 'program-missing', deps)
    return bytes
  })
  if (program.root !== work.programRoot) session.discard()
  checkProgram(program, job, terms, deps)
  const input = inline ?? (await findBlob(work.input, 'input-missing', deps))
  const found = commit(input)
  if (found !== work.input)
    throw new Refused('input-mismatch', `The bytes have the root ${found}, not ${work.input}.`)
  faultAt('fetch')
  keepForDefence(job, bytes, input, session, deps)

  // Program and input are there and right: from here on a job that is not delivered may cost a late fee.
  const accepted = acceptAfter(isJobLease(terms) ? 0 : SHORT_JOB_MS, () => accept(job.id, deps))
  let outcome: RunOutcome
  try {
    const due = isJobLease(terms) ? claimBy(terms, 0n) : work.deadline
    const wallMs = Number(due - (await deps.chain.now())) * 1_000
    if (wallMs <= 0) throw new Refused('too-late', `It was due at ${due}.`)
    outcome = await session.run({ input, fuel: work.fuel, outputMax: work.outputMax }, wallMs)
  } finally {
    await accepted()
  }
  return { ...outcome, pages: program.memoryPages }
}

function checkProgram(
  { root, memoryPages }: LoadedProgram,
  row: JobRow,
  terms: Terms,
  deps: ServeDeps,
): void {
  const { job } = row.ticket
  if (root !== job.programRoot) {
    throw new Refused('program-mismatch', `The bytes have the root ${root}, not ${job.programRoot}.`)
  }
  if (memoryPages > deps.memoryPages) {
    throw new Refused(
      'too-much-memory',
      `Up to ${memoryPages} pages of memory; ${deps.memoryPages} are offered.`,
    )
  }
  // All of a memory may have to be hashed for each state that a game asks for.
  const late = deps.provable.has(terms.scheme) && refuseClock(job.fuel, terms, memoryPages)
  const refusal = late || deps.exposure.take(row, terms, memoryPages)
  if (refusal) throw new Refused(refusal.reason, refusal.detail)
}

/** Sends an acceptance after so long, unless what it returns is called before. */
function acceptAfter(ms: number, send: () => Promise<void>): () => Promise<void> {
  let sent = ms === 0 ? send() : undefined
  const timer = setTimeout(() => {
    sent ??= send()
  }, ms)
  return async () => {
    clearTimeout(timer)
    await sent
  }
}

/** Tells the tasker that its job runs. A result follows soon: that the word of it was lost is no reason to stop. */
async function accept(ticket: Hex, { matcher, log }: ServeDeps): Promise<void> {
  try {
    await matcher.accept(ticket)
  } catch (error) {
    log.warn({ job: ticket, err: error }, 'the acceptance did not arrive')
  }
}
