/**
 * Plays a game of proof to its end. Each turn reads the chain anew and decides by what is there, so that nothing is lost
 * with the process, and whatever happened meanwhile (a reorganisation, a move by somebody else) is simply how things are.
 */
import { BaseError, type Hex, zeroAddress } from 'viem'
import { readLease } from '../actions/confirmLease.ts'
import { type ChainCase, type KnownCase, mootBy, readCaseSlot, readUnsettled } from '../actions/readCase.ts'
import { type Outcome, settleDisputeCall, timeoutDisputeCall } from '../calls/disputes.ts'
import { type Chain, getChain } from '../client/chain.ts'
import { type MillraceClient, secondsOf } from '../client/client.ts'
import { backoff, delay } from '../client/delay.ts'
import { transact } from '../client/transact.ts'
import { ContractError } from '../errors/contracts/contractError.ts'
import { NotRuledYetError } from '../errors/contracts/disputes.ts'
import { ClockRunsError, NotYourTurnError, TimeIsUpError } from '../errors/contracts/proof.ts'
import { MillraceError } from '../errors/error.ts'
import { NetworkError } from '../errors/http.ts'
import { RevertedError } from '../errors/revert.ts'
import { decide, type GameAction } from './decide.ts'
import type { Side } from './game.ts'
import { callOf, gasOf, type PlayedMove, playedMove, provenStep } from './gameMoves.ts'
import { findGame, GameUnknownError, readOutcome } from './readGame.ts'
import { firstLevelOf, gridOf } from './split.ts'
import type { Tracer } from './tracer.ts'
import type { GameView } from './view.ts'

export interface PlayGameParameters {
  caseId: Hex
  /** The client's account moves for it: the challenger, the provider or its key. Anyone may prove and time out. */
  side: Side
  /** Asked only when a move needs it; several games about one run may share it. It stays open. */
  tracer: Tracer
  /** What the case is about, for its settling; without it, the matcher is asked. */
  known?: KnownCase
  /** Blocks that the end must be deep before it counts as the end, its own included. Else 1. */
  confirmations?: number
  signal?: AbortSignal
  /** How the game stands, whenever that is news; at last as `ended`. */
  onView?(view: GameView): void
  /** Each move of either side, once it is on chain; those before this call too. */
  onMove?(move: PlayedMove, view: GameView): void
}

export interface GameEnd {
  readonly verdict: Outcome
  /** Whether a proof ended it; else a clock did. */
  readonly proven: boolean
  /** The step that was proven wrong. */
  readonly step?: bigint
  readonly moves: readonly PlayedMove[]
  /** By the side that a move was for, whoever sent it. */
  readonly gas: Readonly<Record<Side, bigint>>
  /** The transaction that moved the money, where this call sent it. */
  readonly settled?: { readonly tx: Hex; readonly gas: bigint }
  /** How the game stood at last. */
  readonly view: GameView
}

/** Blocks around the opening in which a reorganisation may put it. */
const DRIFT = 64n

/** How often the same refusal is met with another look at the chain before it is believed: over two slow blocks. */
const TRIES = 10
const BACKOFF = { first: 200, most: 5_000 }

/** Polls that a loser leaves the settling to the winner, whose money it is. */
const COURTESY = 10

/** Seconds until another look where nothing is awaited but what others do. */
const IDLE = 5n

/** Seconds in which a transaction that nothing hangs on should be mined. */
const UNHURRIED = 600n

/**
 * Plays until the game is over and its dispute settled. May be called again at any time, and by several processes: what
 * was done is done.
 */
export async function playGame(client: MillraceClient, parameters: PlayGameParameters): Promise<GameEnd> {
  return new Play(client, await getChain(client), parameters).run()
}

/** What one look at the chain shows. */
interface Sight {
  view: GameView
  /** Hash and number of the newest block. */
  block: Hex
  height: bigint
  /** That block's, unix seconds. */
  time: bigint
  /** The same where this computer's clock is behind: a chain without blocks does not tell its time. */
  now: bigint
  /** Whether the case is still to be settled. */
  isOpen: boolean
  isRuled: boolean
}

class Play {
  readonly #client: MillraceClient
  readonly #chain: Chain
  readonly #options: PlayGameParameters
  readonly #told = new Map<string, PlayedMove>()
  #openedIn: bigint | undefined
  #lastView = ''
  #failures = 0
  #waited = 0
  #found: ChainCase | undefined
  #asking: Promise<unknown> | undefined
  #settled: { tx: Hex; gas: bigint; block: bigint } | undefined
  #prepared = false

  constructor(client: MillraceClient, chain: Chain, options: PlayGameParameters) {
    this.#client = client
    this.#chain = chain
    this.#options = options
  }

  async run(): Promise<GameEnd> {
    while (true) {
      this.#options.signal?.throwIfAborted()
      try {
        const end = await this.#turn()
        this.#failures = 0
        if (end) return end
      } catch (error) {
        await this.#bear(error)
      }
    }
  }

  /** Looks, decides, does, and waits for news. */
  async #turn(): Promise<GameEnd | undefined> {
    const sight = await this.#look()
    await this.#tell(sight.view)
    const { view, time, now } = sight
    if (!sight.isOpen || sight.isRuled || time >= view.ruleBy) return this.#conclude(sight)

    const { side, tracer, signal } = this.#options
    this.#prepare(view)
    // An idle chain's newest block is old: then this computer's clock says when another's time is over. What is this side's
    // to do is done as long as the chain takes it, whatever that clock says.
    const latest = now < view.ruleBy ? now : view.ruleBy - 1n
    const action = await decide(view, side, tracer, view.turn === side ? time : latest)
    const call = callOf(this.#chain.contracts.proofScheme, view, action)
    if (await this.#isMoot()) return this.#conclude(sight)
    if (!call) {
      if (now >= view.ruleBy) return this.#conclude(sight)
      await this.#news(sight, action.do === 'wait' ? action.until : view.ruleBy)
      return undefined
    }
    try {
      await transact(this.#client, call, { deadline: deadlineFor(action, view, now), signal })
    } catch (error) {
      // Too late for it, perhaps.
      if (now < view.ruleBy || !(error instanceof ContractError)) throw error
      return this.#conclude(sight)
    }
    return undefined
  }

  async #look(): Promise<Sight> {
    const { publicClient } = this.#chain
    const { caseId } = this.#options
    const [{ hash, number, timestamp }, slot, found] = await Promise.all([
      publicClient.getBlock(),
      readCaseSlot(this.#client, caseId),
      findGame(this.#client, { caseId, fromBlock: this.#openedIn }).catch((error) => {
        // Perhaps it was opened anew in another block.
        if (!(error instanceof GameUnknownError) || this.#openedIn === undefined) throw error
        this.#openedIn = undefined
        return findGame(this.#client, { caseId })
      }),
    ])
    this.#openedIn = found.openedIn > DRIFT ? found.openedIn - DRIFT : 0n
    const own = secondsOf(this.#client)
    return {
      view: found.view,
      block: hash,
      height: number,
      time: timestamp,
      now: timestamp > own ? timestamp : own,
      isOpen: slot.scheme !== zeroAddress,
      isRuled: slot.verdict !== 'none',
    }
  }

  async #tell(view: GameView): Promise<void> {
    const { onView, onMove } = this.#options
    for (const move of view.moves) {
      const key = `${move.kind} ${move.tx}`
      if (this.#told.has(key)) continue
      // A move whose receipt a node does not have yet is told later: nothing waits for it.
      const played = await playedMove(this.#client, move).catch(() => undefined)
      if (!played) continue
      this.#told.set(key, played)
      onMove?.(played, view)
    }
    const text = `${view.state} ${view.deadline} ${view.moves.map(({ tx }) => tx)}`
    if (text === this.#lastView) return
    this.#lastView = text
    onView?.(view)
  }

  /** A challenger has its own run ready when the defence comes: its clock does not run meanwhile. */
  #prepare({ state, level }: GameView): void {
    const { side, tracer } = this.#options
    if (this.#prepared || side !== 'challenger' || state !== 'defend') return
    this.#prepared = true
    tracer
      .ending()
      .then(({ steps }) => tracer.statesAt(gridOf(firstLevelOf(steps, level - 1))))
      // Whatever it is, the first move meets it again.
      .catch(() => {})
  }

  /** What the case is about. A matcher that is away costs no move its time: it is asked meanwhile, and again. */
  #case(): Promise<ChainCase | undefined> {
    const { caseId, known } = this.#options
    const asked = readUnsettled(this.#client, caseId, known).then((found) => {
      this.#found ??= found
      return found
    })
    asked.catch(() => {
      this.#asking = undefined
    })
    return asked
  }

  /** Whether no verdict would count any more. As long as nobody has said what the case is about, it is taken to count. */
  async #isMoot(): Promise<boolean> {
    if (!this.#found) {
      this.#asking ??= this.#case()
      // One that can be read at once is.
      if (this.#options.known) await this.#asking.catch(() => {})
    }
    if (!this.#found) return false
    const { status } = await readLease(this.#client, this.#found)
    return mootBy(status) !== undefined
  }

  /** Sees to it that the case is settled, and tells how it ended once that is deep enough. */
  async #conclude(sight: Sight): Promise<GameEnd | undefined> {
    const { confirmations = 1, side } = this.#options
    const { view, isOpen, isRuled, height } = sight
    const endedIn = this.#settled?.block ?? (isRuled ? view.moves.at(-1)?.block : undefined) ?? 0n
    if (height + 1n < endedIn + BigInt(confirmations)) {
      await this.#news(sight, sight.now)
      return undefined
    }
    if (!isOpen) return this.#end(view)

    const isTheirs = isRuled ? view.loser === side : side === 'provider'
    if (isTheirs && this.#waited++ < COURTESY) {
      await delay(this.#client.pollingInterval, this.#options.signal)
      return undefined
    }
    await this.#settle(sight)
    return undefined
  }

  async #settle({ isRuled, now }: Sight): Promise<void> {
    const { signal } = this.#options
    const found = this.#found ?? (await this.#case())
    if (!found) return
    const { terms, scheme, dispute } = found
    const { disputes } = this.#chain.contracts
    const call = isRuled
      ? settleDisputeCall({ disputes, terms, scheme, dispute })
      : timeoutDisputeCall({ disputes, terms, dispute })
    const { hash, receipt } = await transact(this.#client, call, { deadline: now + UNHURRIED, signal })
    this.#settled = { tx: hash, gas: receipt.gasUsed, block: receipt.blockNumber }
  }

  async #end(view: GameView): Promise<GameEnd> {
    const moves = [...this.#told.values()].filter(({ tx }) => view.moves.some((move) => move.tx === tx))
    const step = view.proven ? await provenStep(this.#client, view) : undefined
    return {
      verdict: await readOutcome(this.#client, this.#options.caseId, this.#openedIn!),
      proven: view.proven ?? false,
      ...(step !== undefined && { step }),
      moves,
      gas: gasOf(moves),
      ...(this.#settled && { settled: { tx: this.#settled.tx, gas: this.#settled.gas } }),
      view,
    }
  }

  /** Waits for another block, or until a time comes at which something can be done. */
  async #news({ block, now }: Sight, until: bigint): Promise<void> {
    const { publicClient } = this.#chain
    const limit = until > now ? until : now + IDLE
    do {
      await delay(this.#client.pollingInterval, this.#options.signal)
      const newest = await publicClient.getBlock().catch(() => undefined)
      if (newest && newest.hash !== block) return
    } while (secondsOf(this.#client) < limit)
  }

  /** What may pass is waited for. A refusal is believed when the chain, looked at again, still gives it. */
  async #bear(error: unknown): Promise<void> {
    this.#options.signal?.throwIfAborted()
    if (!isPassing(error)) throw error
    const tries = isWaiting(error) ? Number.POSITIVE_INFINITY : error instanceof NotYourTurnError ? 1 : TRIES
    if (++this.#failures > tries) throw error
    await delay(backoff(this.#failures, BACKOFF, this.#client.random), this.#options.signal)
  }
}

/** Whether another look at the chain may tell of something better. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return error instanceof BaseError
  const refused = error instanceof ContractError || error instanceof RevertedError
  return refused || error instanceof NetworkError || error instanceof GameUnknownError
}

/** Clocks of chain and client differ by seconds, and nodes come back: the game itself has an end. */
function isWaiting(error: unknown): boolean {
  const waiting = [ClockRunsError, NotRuledYetError, TimeIsUpError, NetworkError, BaseError]
  return waiting.some((Class) => error instanceof Class)
}

function deadlineFor(action: GameAction, { deadline, ruleBy }: GameView, now: bigint): bigint {
  if (action.do !== 'timeout') return deadline
  return ruleBy < now + UNHURRIED ? ruleBy : now + UNHURRIED
}
