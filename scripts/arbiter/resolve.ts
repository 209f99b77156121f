/** A case from its number to its ruling: each step is a function of its own beside this file. */
import { setTimeout as delay } from 'node:timers/promises'
import {
  CaseInconsistentError,
  CaseMootError,
  CaseRuledError,
  type ChainCase,
  createMillraceClient,
  getChain,
  type MillraceAccount,
  type MillraceClient,
  readCase,
  watchEvents,
} from '@millrace/sdk'
import type { Address, Hex } from 'viem'
import { type Comparison, compare } from './compare.ts'
import { type Evidence, gatherEvidence } from './evidence.ts'
import { listCases } from './list.ts'
import { type Rerun, type RerunOptions, rerun } from './rerun.ts'
import { type Ruling, ruleCase } from './rule.ts'
import { type Suggestion, suggestRuling } from './suggest.ts'

export interface Resolution {
  readonly case: ChainCase
  readonly evidence: Evidence
  readonly rerun: Rerun
  readonly comparison: Comparison | undefined
  readonly suggestion: Suggestion
  /** Absent where nothing was ruled. */
  readonly ruling: Ruling | undefined
}

export interface ResolveOptions extends RerunOptions {
  readonly client: MillraceClient
  readonly case: Hex
  /** Rules as suggested; without it, nothing is ruled. */
  readonly auto?: boolean
}

/** Looks into a case, suggests a ruling where there is no doubt, and with `auto` rules so. */
export async function resolve({
  client,
  case: id,
  auto = false,
  ...options
}: ResolveOptions): Promise<Resolution> {
  const found = await readCase(client, id)
  const evidence = await gatherEvidence(client, found)
  const again = await rerun(found, evidence, options)
  const comparison =
    again.state === 'finished' ? compare(found.result, evidence.output, again.outcome) : undefined
  const { publicClient } = await getChain(client)
  const { timestamp: now } = await publicClient.getBlock()
  const suggestion = suggestRuling({
    ...{ findings: evidence.findings, rerun: again, comparison, now, ruleBy: found.ruleBy },
  })
  const ruling =
    auto && suggestion.verdict ? await ruleCase(client, found, suggestion.verdict, suggestion.why) : undefined
  return { case: found, evidence, rerun: again, comparison, suggestion, ruling }
}

export interface WatchOptions extends RerunOptions {
  readonly matcher: string
  readonly account: MillraceAccount
  readonly rpcUrl?: string
  readonly signal: AbortSignal
  onResolution?(resolution: Resolution): void
  onError?(error: Error, caseId?: Hex): void
}

/** How often open cases are looked for where no event came. Milliseconds. */
const LOOK_MS = 3_000

/** Resolves the account's cases as they come, one after the other, until the signal. */
export async function watchAndResolve(options: WatchOptions): Promise<void> {
  const { matcher, account, rpcUrl, signal, onResolution, onError, ...rest } = options
  const client = createMillraceClient({ matcher, account, rpcUrl })
  const arbiter = account.address.toLowerCase() as Address
  const seen = new Set<Hex>()
  let wake = () => {}

  const look = async () => {
    for (const { id } of await listCases(client, arbiter)) {
      if (seen.has(id) || signal.aborted) continue
      try {
        onResolution?.(await resolve({ client, case: id, auto: true, ...rest }))
        // A case in doubt is left to a person.
        seen.add(id)
      } catch (error) {
        onError?.(error as Error, id)
        // Nothing that comes later makes it one to rule. One that the node does not show yet may appear.
        if (isForGood(error)) seen.add(id)
      }
    }
  }

  const stopWatching = watchEvents(client, {
    account: arbiter,
    signal,
    onOpen: () => wake(),
    onEvent: (event) => {
      if (event.type === 'dispute.opened') wake()
    },
    onError: (error) => onError?.(error),
  })
  while (!signal.aborted) {
    const woken = new Promise<void>((resume) => {
      wake = resume
    })
    await look().catch((error: Error) => onError?.(error))
    await Promise.race([woken, delay(LOOK_MS, undefined, { signal }).catch(() => {})])
  }
  stopWatching()
}

const FOR_GOOD = [CaseRuledError, CaseMootError, CaseInconsistentError]

function isForGood(error: unknown): boolean {
  return FOR_GOOD.some((Class) => error instanceof Class)
}
