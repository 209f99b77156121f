/**
 * One wrong result, from the decision to challenge it to the end of its case. Every step is written down before it is
 * made, so that it can be entered anywhere: a restart opens no case twice and leaves no game.
 */
import { openTracer } from '@millrace/runner'
import {
  CaseUnknownError,
  cameOut,
  challengeCall,
  computationOf,
  GameUnknownError,
  getChain,
  getChainTime,
  MillraceError,
  playGame,
  readCaseSlot,
  readUnsettled,
  settleDispute,
  type Tracer,
  timeoutDispute,
  transact,
} from '@millrace/sdk'
import { disputesAbi } from '@millrace/sdk/abi'
import { type Hex, parseEventLogs } from 'viem'
import { findCase, isQuiet, readEnd, readFacts } from './chain.ts'
import { type CheckDeps, kindOf } from './check.ts'
import { faultAt } from './fault.ts'
import type { Lie } from './journal/journal.ts'
import { pause } from './pause.ts'
import { weigh } from './weigh.ts'

export interface PursueDeps extends CheckDeps {
  readonly tokenPerEther: bigint | undefined
  readonly memoryPages: number
  /** Where what does not fit into a tracer's memory is kept. */
  readonly tracesDir: string
  readonly signal: AbortSignal
  /** Has said so already: that money is missing is told once. */
  readonly told: Set<Hex>
  /** Results that the machine whose steps are proven found wrong too. */
  readonly otherwise: Set<Hex>
}

/** How often the chain is asked for what only time changes. Milliseconds. */
const LOOK_MS = 1_000

/** Seconds after which a challenge that is not mined yet has cost enough patience: its fee rises up to then. */
const UNHURRIED = 600n

/** Brings a wrong result as far as it can be brought now. */
export async function pursue(ticket: Hex, deps: PursueDeps): Promise<void> {
  const { journal } = deps
  const lie = journal.lie(ticket)
  if (!lie || lie.state === 'over') return
  const steps = openSteps(lie, deps)
  try {
    await bring(lie, steps, deps)
  } finally {
    await steps.close()
  }
}

async function bring(lie: Lie, steps: Steps, deps: PursueDeps): Promise<void> {
  const { journal, log } = deps
  const { ticket } = lie
  const caseId = await caseOf(lie, steps, deps)
  if (!caseId) return
  journal.playing(ticket, caseId)
  try {
    await play(lie, caseId, steps, deps)
  } catch (error) {
    if (!isUnknownCase(error)) throw error
    // A reorganisation took the block that opened it. The same challenge in another block is another case.
    log.warn({ job: ticket, case: caseId }, 'the chain does not know the case any more; looking for it')
    journal.challenging(ticket)
    return
  }
  const end = await readEnd(deps.client, lie.papers, deps.account, caseId)
  if (!end) return
  journal.over(ticket, end.outcome)
  const facts = { job: ticket, case: caseId, outcome: end.outcome, taken: `${end.taken}` }
  if (end.outcome === 'clean') log.error(facts, 'the case is lost')
  else log.info(facts, SAYS[end.outcome])
}

const SAYS = {
  guilty: 'the case is won, and paid',
  'timed-out': 'nobody ruled in time; the bond is back',
  moot: 'the lease ended otherwise; the bond is back',
} as const

/** The case over a wrong result: the one that is open, or a new one. None where it is to wait, or not worth it. */
async function caseOf(lie: Lie, steps: Steps, deps: PursueDeps): Promise<Hex | undefined> {
  if (lie.state === 'playing') return lie.caseId
  if (lie.state === 'challenging') {
    const known = await recover(lie, deps)
    if (known) return known
  }
  return open(lie, steps, deps)
}

/** The case of a challenge that was sent, or was about to be, when this process or another ended. */
async function recover({ papers, ticket }: Lie, deps: PursueDeps): Promise<Hex | undefined> {
  const { client, account, signal, log } = deps
  for (let told = false; !(await isQuiet(client, account)); await pause(LOOK_MS, signal)) {
    if (!told) log.info({ job: ticket }, 'waiting for what is on its way to be mined')
    told = true
  }
  return findCase(client, papers, account)
}

async function open(lie: Lie, steps: Steps, deps: PursueDeps): Promise<Hex | undefined> {
  const { client, account, journal, log, tokenPerEther, signal, told } = deps
  const { ticket, papers } = lie
  const { terms, scheme, evidence } = papers
  const kind = await kindOf(client, papers)
  const look = () => readFacts(client, papers, account, tokenPerEther)
  if (!choose(lie, { ...kind, ...(await look()) }, deps)) return undefined
  if (kind.isProvable && !(await steps.areOtherwise())) {
    const why = 'one step after the other it comes out as the result says'
    journal.over(ticket, why)
    log.error({ job: ticket, why }, 'not challenged')
    return undefined
  }
  const facts = await look()
  // From here to the journal nothing waits: of two wrong results of one lease, one is first.
  const choice = choose(lie, { ...kind, ...facts }, deps)
  if (!choice) return undefined

  journal.challenging(ticket)
  try {
    const { contracts } = await getChain(client)
    const call = challengeCall({ ...contracts, terms, scheme, evidence })
    const soon = facts.now + UNHURRIED
    const deadline = soon < facts.over ? soon : facts.over
    const { receipt, hash } = await transact(client, call, { deadline, signal })
    const [opened] = parseEventLogs({ abi: disputesAbi, eventName: 'DisputeOpened', logs: receipt.logs })
    const { caseId, bond } = opened!.args
    const sent = { job: ticket, case: caseId, bond: `${bond}`, reward: `${choice.reward}`, tx: hash }
    log.info({ ...sent, gas: Number(receipt.gasUsed) }, 'challenged')
    faultAt('challenged')
    return caseId
  } catch (error) {
    // What the chain refuses did not happen; what was lost on its way may have.
    if (!(error instanceof MillraceError) || error.retryable) throw error
    journal.unchallenged(ticket)
    if (!told.has(ticket)) log.warn({ job: ticket, err: error }, 'the chain refused the challenge')
    told.add(ticket)
    return undefined
  }
}

/** Whether it is to be challenged now; else that is written down, and told once. */
function choose(
  lie: Lie,
  facts: Awaited<ReturnType<typeof readFacts>> & Awaited<ReturnType<typeof kindOf>>,
  { account, journal, log, arbiters, told }: PursueDeps,
) {
  const { ticket, papers } = lie
  const isPlaying = journal.lies().some((other) => {
    const isSame = other.papers.evidence.ticket.lease === papers.evidence.ticket.lease
    return isSame && other.ticket !== ticket && other.state !== 'wrong'
  })
  const choice = weigh({ ...facts, ...papers, account, arbiters, isPlaying })
  if (choice.do === 'challenge') return choice
  if (choice.do === 'drop') {
    journal.over(ticket, choice.why)
    log.info({ job: ticket, why: choice.why }, 'not challenged')
    return undefined
  }
  if (lie.state !== 'wrong') journal.unchallenged(ticket)
  if (told.has(ticket)) return undefined
  told.add(ticket)
  if (choice.why === 'bond') {
    log.warn({ job: ticket, missing: `${choice.missing}` }, 'there is too little money free for the bond')
  } else log.info({ job: ticket }, 'its lease has an open case already; waiting')
  return undefined
}

/** The run of a wrong result on the machine whose steps are proven, opened when it is needed. */
interface Steps extends Tracer {
  /**
   * Whether they, too, come to something else than the result says. A bond is put up only after them: what the machine
   * that runs jobs can do and this one cannot, here and in time, would be a trap.
   */
  areOtherwise(): Promise<boolean>
}

function openSteps({ ticket, papers }: Lie, deps: PursueDeps): Steps {
  const { journal, signal, memoryPages, tracesDir, otherwise } = deps
  const { job } = papers.evidence.ticket
  let opened: ReturnType<typeof openTracer> | undefined
  const open = () => {
    const bytes = journal.bytes(ticket)
    if (!bytes) throw new Error(`The journal has no program for ${ticket}.`)
    const { fuel, outputMax } = job
    // With the whole of a core: the clocks reckon with it.
    opened ??= openTracer({ ...bytes, fuel, outputMax, memoryPages, dir: tracesDir, signal })
    return opened
  }
  return {
    statesAt: async (steps) => (await open()).statesAt(steps),
    ending: async () => (await open()).ending(),
    proveAt: async (step) => (await open()).proveAt(step),
    lookAt: async (step) => (await open()).lookAt(step),
    areOtherwise: async () => {
      if (otherwise.has(ticket)) return true
      const ending = await (await open()).ending()
      if (cameOut(ending, computationOf(job, papers.evidence.result))) return false
      otherwise.add(ticket)
      return true
    },
    close: async () => {
      const tracer = await opened?.catch(() => undefined)
      await tracer?.close()
    },
  }
}

/** Brings a case to its end, and has its verdict carried out. */
async function play(lie: Lie, caseId: Hex, steps: Steps, deps: PursueDeps): Promise<void> {
  const { client, log, signal } = deps
  const { ticket, papers } = lie
  if (!(await kindOf(client, papers)).isProvable) return awaitRuling(lie, caseId, deps)
  const { terms, scheme, evidence } = papers
  const known = { terms, scheme, job: evidence.ticket.job, result: evidence.result }
  log.info({ job: ticket, case: caseId }, 'playing')
  // What was moved before this process began is told first, and is no news.
  let isNews = false
  await playGame(client, {
    ...{ caseId, side: 'challenger', tracer: steps, known, signal },
    onView: () => {
      isNews = true
    },
    onMove: ({ by, kind, tx, gas }) => {
      if (!isNews) return
      log.info({ job: ticket, case: caseId, by, move: kind, tx, gas: Number(gas) }, 'moved')
      if (by === 'provider') return
      if (kind === 'split') faultAt('split')
      if (kind === 'prove') faultAt('proved')
    },
  })
}

/** Waits for an arbiter, and for nobody once its time is over. */
async function awaitRuling({ papers }: Lie, caseId: Hex, deps: PursueDeps): Promise<void> {
  const { client, account, signal } = deps
  const { evidence, ...leaf } = papers
  const known = { ...leaf, job: evidence.ticket.job, result: evidence.result }
  const open = await readUnsettled(client, caseId, known)
  if (!open) return
  const { terms, scheme, dispute } = open
  while (!(await readEnd(client, papers, account, caseId))) {
    const { ruleBy, verdict } = await readCaseSlot(client, caseId)
    const { status } = await readFacts(client, papers, account, undefined)
    const isDecided = verdict !== 'none' || status === 'slashed' || status === 'closed'
    const isLate = (await getChainTime(client)) >= ruleBy
    // Others may do it in the same block.
    if (isDecided) await settleDispute(client, { terms, scheme, dispute }).catch(unlessRefused)
    else if (isLate) await timeoutDispute(client, { terms, dispute }).catch(unlessRefused)
    await pause(LOOK_MS, signal)
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof MillraceError)) throw error
}

const isUnknownCase = (error: unknown): boolean =>
  error instanceof GameUnknownError || error instanceof CaseUnknownError
