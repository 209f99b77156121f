/**
 * Answers challenges of this provider's results. Which cases there are and how their games stand, the chain says each
 * time anew; what is defended with, the journal. So nothing is lost with the process, and every step may run twice.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { commit } from '@millrace/machine'
import type { Tamper } from '@millrace/machine/steps'
import {
  type Computation,
  cameOut,
  type GameView,
  hashResult,
  type KnownCase,
  type Scheme,
  schemeLeaf,
  type Tracer,
} from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { faultAt } from '../fault.ts'
import type { Journal } from '../journal/journal.ts'
import type { DisputePort, FoundCase, MatcherPort } from '../ports.ts'
import type { OpenTrace } from './source.ts'
import { gameTeller } from './tell.ts'
import { createTraces, type TracedRun, type TracesStatus } from './traces.ts'

export interface DefenceDeps {
  readonly journal: Journal
  readonly matcher: Pick<MatcherPort, 'fetchBlob'>
  readonly disputes: DisputePort
  /** Runs a job step by step, in a limited process. */
  readonly openTrace: OpenTrace
  /** Processes at a time. */
  readonly places: number
  /** Those that leases of this provider may name. */
  readonly schemes: readonly Scheme[]
  /** A dispute of this lease is over: its money may move. */
  onSettled(lease: Hex): void
  readonly log: Logger
}

/** An open game of one of this provider's results. Times are unix seconds. */
export interface OpenGame {
  readonly case: Hex
  readonly lease: Hex
  /** The ticket's index in its lease. */
  readonly index: number
  readonly challenger: Address
  /** What is to be done next, and by whom; absent until the chain has said so. */
  readonly next?: {
    readonly do: GameView['state']
    readonly by: GameView['turn']
    /** By when, else the other side wins. */
    readonly until: bigint
  }
  readonly moves: number
}

export interface DefenceStatus {
  readonly games: readonly OpenGame[]
  readonly traces: TracesStatus
}

export interface Defence {
  /** Looks for new cases on the chain, and takes their games up. */
  pass(): Promise<void>
  /** Resolves as soon as no game needs this computer: a job that begins can wait for that. */
  quiet(): Promise<void>
  status(): DefenceStatus
  /** Leaves every game as it stands. */
  stop(): Promise<void>
}

interface Player {
  readonly found: FoundCase
  readonly stopping: AbortController
  view: GameView | undefined
  done: Promise<void>
}

/** First pause before a game is taken up again after something failed, and the longest. */
const RETRY_MS = { first: 1_000, most: 15_000 } as const

/** Bytes that a process may take: four times the most memory of a program, and a heap. */
const LARGEST_TRACE = 5 * 2 ** 30

/** Later than any clock: nobody waits for it. */
const NEVER = 2n ** 64n

export function createDefence(deps: DefenceDeps): Defence {
  const { journal, disputes, log } = deps
  const traces = createTraces(deps.places, () => process.availableMemory() > LARGEST_TRACE)
  /** How the games stood when the agent stopped. */
  let left: readonly OpenGame[] | undefined
  const players = new Map<Hex, Player>()
  /** Cases that were told of; by an arbiter's there is nothing else to do. */
  const told = new Set<Hex>()
  /** Cases that the chain had at the last look. */
  let open: ReadonlySet<Hex> = new Set()
  let stopped = false

  const tell = (found: FoundCase) => {
    if (told.has(found.id)) return
    told.add(found.id)
    const { id, lease, index, challenger, provable } = found
    const bond = found.bond.toString()
    const judge = provable ? 'proof' : 'an arbiter'
    log.warn({ case: id, lease, index, challenger, bond, judge }, 'a result was challenged')
    faultAt('challenged')
  }

  /** The run that a case is about: the journal's job, as the chain has it. */
  const runOf = (found: FoundCase, contested: Computation): TracedRun => {
    const { programRoot, input, fuel, outputMax } = contested
    const tamper = tamperOf(found)
    const names = [programRoot, input, fuel, outputMax, tamper?.step, tamper?.field, tamper?.seed]
    const open = async () => {
      const [program, bytes] = await Promise.all([programRoot, input].map(bytesOf))
      if (commit(bytes!) !== input) throw new Error(`The matcher gave other bytes for the input ${input}.`)
      return deps.openTrace({ program: program!, input: bytes!, fuel, outputMax, ...(tamper && { tamper }) })
    }
    return { key: names.join(), open }
  }

  /** What the journal knows of a case. */
  const knownOf = ({ lease, index, result: contested }: FoundCase): KnownCase | undefined => {
    const terms = journal.lease(lease)?.terms
    const scheme = deps.schemes.find((each) => schemeLeaf(each) === terms?.scheme)
    const row = journal.jobAt(lease, index)
    const result = row && journal.result(row.id)
    const isOurs = terms && scheme && result && hashResult(result) === contested
    return isOurs ? { terms, scheme, job: row.ticket.job, result } : undefined
  }

  const tamperOf = ({ lease, index, result }: FoundCase): Tamper | undefined => {
    const job = journal.jobAt(lease, index)
    const ours = job && journal.result(job.id)
    return ours && hashResult(ours) === result ? journal.tamper(job.id) : undefined
  }

  /** Without the journal's copy the matcher may still have one: what it sends is checked like any stranger's. */
  const bytesOf = async (root: Hex): Promise<Uint8Array> =>
    journal.blob(root) ?? (await deps.matcher.fetchBlob(root))

  /** A share of the case's run, which notices what no move can mend. */
  const tracerOf = (player: Player, contested: Computation): Tracer => {
    const { found } = player
    const shared = traces.share(runOf(found, contested), () =>
      player.view?.turn === 'provider' ? player.view.deadline : NEVER,
    )
    const ending = async () => {
      const came = await shared.ending()
      if (came.programRoot !== contested.programRoot) {
        throw new Error(
          `The bytes at hand are the program ${came.programRoot}, not ${contested.programRoot}.`,
        )
      }
      if (!cameOut(came, contested)) {
        const { status, fuelUsed, output } = came
        log.error(
          { case: found.id, status, fuelUsed: fuelUsed.toString(), output },
          'the contested result is not what its run comes to: it cannot be defended',
        )
      }
      return came
    }
    return { ...shared, ending }
  }

  const play = async (player: Player): Promise<void> => {
    const { found, stopping } = player
    const { signal } = stopping
    const teller = gameTeller(found, log)
    const onView = (view: GameView) => {
      player.view = view
    }
    onView(await disputes.game(found.id))
    teller.begin(player.view!)
    const tracer = tracerOf(player, player.view!.contested)
    try {
      const known = knownOf(found)
      const { id: caseId } = found
      teller.end(await disputes.play({ caseId, tracer, signal, known, onView, onMove: teller.move }))
    } finally {
      await tracer.close()
    }
  }

  /** Plays until the dispute is settled, whatever fails on the way. */
  const keepPlaying = async (player: Player): Promise<void> => {
    const { found, stopping } = player
    const { signal } = stopping
    let pause: number = RETRY_MS.first
    while (!signal.aborted) {
      try {
        return await play(player)
      } catch (error) {
        if (signal.aborted) return
        if (!open.has(found.id)) {
          log.info({ case: found.id }, 'the chain has no such dispute any more')
          return
        }
        log.warn({ case: found.id, err: error }, 'a game could not be played on; trying again')
        await delay(pause, undefined, { signal }).catch(() => {})
        pause = Math.min(pause * 2, RETRY_MS.most)
      }
    }
  }

  const start = (found: FoundCase): void => {
    const player: Player = {
      found,
      stopping: new AbortController(),
      view: undefined,
      done: Promise.resolve(),
    }
    players.set(found.id, player)
    player.done = keepPlaying(player).finally(() => {
      players.delete(found.id)
      if (!stopped) deps.onSettled(found.lease)
    })
  }

  const pass = async (): Promise<void> => {
    const leases = new Map(journal.liveLeases().map((lease) => [lease.id, lease.terms]))
    const resting = new Map(journal.restingLeases().map((lease) => [lease.id, lease.terms]))
    // A lease that is over decides about no money any more.
    for (const { found, stopping } of players.values()) if (!leases.has(found.lease)) stopping.abort()
    if (leases.size + resting.size === 0) return
    const opened = [...leases.values(), ...resting.values()].map(({ openedAt }) => openedAt)
    const since = opened.reduce((first, each) => (each < first ? each : first))
    const cases = await disputes.openCases(since, (lease) => leases.has(lease) || resting.has(lease))
    open = new Set(cases.map(({ id }) => id))
    for (const found of cases) {
      if (stopped) return
      // Perhaps the chain took the lease's end back: its money's keeper asks, and it is live again.
      if (resting.has(found.lease)) {
        deps.onSettled(found.lease)
        continue
      }
      tell(found)
      if (found.provable && !players.has(found.id)) start(found)
    }
  }

  return {
    pass,
    quiet: traces.quiet,
    status: () => ({ games: left ?? [...players.values()].map(gameOf), traces: traces.status() }),
    stop: async () => {
      stopped = true
      left ??= [...players.values()].map(gameOf)
      for (const { stopping } of players.values()) stopping.abort()
      await traces.close()
      await Promise.all([...players.values()].map(({ done }) => done))
    },
  }
}

function gameOf({ found: { id, lease, index, challenger }, view }: Player): OpenGame {
  return {
    ...{ case: id, lease, index, challenger },
    ...(view && { next: { do: view.state, by: view.turn, until: view.deadline } }),
    moves: view?.moves.length ?? 0,
  }
}
