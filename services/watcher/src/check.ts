/** One result, from its draw to what is known of it. */
import { MACHINE_VERSION } from '@millrace/machine'
import { BlobUnavailableError, fetchBytes, type Runner } from '@millrace/runner'
import {
  getDomain,
  getJob,
  getLease,
  getMarket,
  isProvable,
  type MillraceClient,
  ProblemError,
} from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { readFacts } from './chain.ts'
import { faultAt } from './fault.ts'
import type { Journal, RunBytes } from './journal/journal.ts'
import { BadPapersError, type CheckedPapers, checkPapers } from './papers.ts'
import { rerun } from './rerun.ts'
import { neverContested, weigh } from './weigh.ts'

export interface CheckDeps {
  readonly client: MillraceClient
  readonly account: Address
  readonly journal: Journal
  readonly runner: Runner
  readonly maxFuel: bigint
  readonly arbiters: boolean
  readonly log: Logger
}

/** A reason to leave a result alone, thrown up to where it is written down. */
class Skipped extends Error {}

/**
 * Looks at a result that was drawn, and writes down what came of it.
 *
 * @throws what may pass: matcher or chain away, the runner stopped. The result is then still to be looked at.
 */
export async function check(ticket: Hex, deps: CheckDeps): Promise<void> {
  const { journal, log, runner } = deps
  if (journal.stateOf(ticket) !== 'drawn') return
  try {
    const { papers, inline } = await gather(ticket, deps)
    const bytes = await fetchRun(papers, inline, deps)
    const { ticket: signed, result } = papers.evidence
    const finding = await rerun(runner, { ...bytes, job: signed.job, result })
    if (finding.verdict === 'right') {
      journal.settle(ticket, 'right')
      log.info({ job: ticket, fuel: `${result.fuelUsed}` }, 'right: it came out the same')
    } else if (finding.verdict === 'unknown') {
      journal.settle(ticket, 'unknown', finding.why)
      log.warn({ job: ticket, why: finding.why }, 'could not be run again')
    } else {
      journal.found(ticket, { ...papers, size: finding.size }, bytes)
      const { provider } = papers.terms
      log.warn(
        { job: ticket, provider, differs: finding.differs.join(', ') },
        'a wrong result: it came out otherwise',
      )
      faultAt('found')
    }
  } catch (error) {
    if (error instanceof Skipped) {
      journal.settle(ticket, 'skipped', error.message)
      log.info({ job: ticket, why: error.message }, 'left alone')
    } else if (isBad(error)) {
      journal.settle(ticket, 'unknown', error.message)
      log.warn({ job: ticket, why: error.message }, 'could not be checked')
    } else throw error
  }
}

/** What the matcher shows of the result, checked, where it could be contested at all. */
async function gather(ticket: Hex, deps: CheckDeps): Promise<{ papers: CheckedPapers; inline?: Uint8Array }> {
  const { client, account, maxFuel, arbiters } = deps
  const job = await getJob(client, { job: ticket })
  const lease = await getLease(client, { lease: job.lease })
  const papers = checkPapers(await getDomain(client), job, lease)
  const { fuelUsed } = papers.evidence.result
  if (fuelUsed > maxFuel) throw new Skipped(`it says that it used ${fuelUsed} fuel, more than is run here`)
  const kind = await kindOf(client, papers)
  const never = neverContested({ ...kind, scheme: papers.scheme, arbiters })
  if (never) throw new Skipped(never)
  const facts = await readFacts(client, papers, account, undefined)
  // Money and other cases come and go; what is over stays so.
  const choice = weigh({
    ...{ ...facts, ...kind, ...papers, account, arbiters, isPlaying: false },
    size: { fuel: fuelUsed, memoryPages: 0 },
  })
  if (choice.do === 'drop') throw new Skipped(choice.why)
  return { papers, inline: job.input }
}

/** Whether the leaf settles by proof, and what runs here. */
export async function kindOf(client: MillraceClient, { scheme }: CheckedPapers) {
  return { isProvable: isProvable(await getMarket(client), scheme), machineVersion: MACHINE_VERSION }
}

/** Bytes that are only what they should be once their roots were compared: the program's where it runs. */
async function fetchRun(
  { evidence }: CheckedPapers,
  inline: Uint8Array | undefined,
  { client }: CheckDeps,
): Promise<RunBytes> {
  const { programRoot, input: inputRoot } = evidence.ticket.job
  const { limits } = await getMarket(client)
  const fetchBlob = (root: Hex) => fetchBytes(client, `/v1/blobs/${root}`, limits.blobBytes)
  const [program, input] = await Promise.all([fetchBlob(programRoot), inline ?? fetchBlob(inputRoot)])
  return { program, input }
}

/** What is wrong with a result's papers or bytes, and not with the way to them. */
function isBad(error: unknown): error is Error {
  if (error instanceof BadPapersError) return true
  if (error instanceof BlobUnavailableError) return !error.retryable
  return error instanceof ProblemError && !error.retryable
}
