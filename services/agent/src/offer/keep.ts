/** Keeps one ask in the book: posts, renews, posts again what a matcher lost, takes it back at the end. */
import { type Ask, type Domain, digestAsk } from '@millrace/sdk'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import { BadConfigError } from '../config.ts'
import type { Journal } from '../journal/journal.ts'
import { freeze, thaw } from '../journal/values.ts'
import { oneAtATime } from '../oneAtATime.ts'
import type { ChainPort, MatcherPort } from '../ports.ts'
import { askOf, decideOffer, type Offer, type OfferPlace, type PostedAsk } from './ask.ts'

export interface OfferDeps {
  readonly journal: Journal
  readonly matcher: MatcherPort
  readonly chain: ChainPort
  readonly domain: Domain
  /**
   * What the market adds now.
   *
   * @throws {BadConfigError} where the offer could not be stood by
   */
  place(offer: Offer): Promise<OfferPlace>
  readonly log: Logger
}

export interface OfferStatus {
  readonly offer: Offer
  readonly ask: Hex | undefined
  readonly remaining: bigint | undefined
  /** Why nothing is offered, if so. */
  readonly problem: string | undefined
}

export interface OfferKeeper {
  /** Brings the book in line with the offer. */
  pass(): Promise<void>
  /** Offers something else from the next pass on. */
  change(changes: Partial<Offer>): void
  /** Takes the ask out of the book; nothing is offered from now on. */
  withdraw(): Promise<void>
  status(): OfferStatus
}

/** The note that keeps the current ask over a restart. */
const NOTE = 'ask'

export function createOfferKeeper(initial: Offer, deps: OfferDeps): OfferKeeper {
  const { journal, matcher, chain, domain, log } = deps
  let offer = initial
  let withdrawn = false
  let remaining: bigint | undefined
  let problem: string | undefined
  const kept = journal.note(NOTE)
  let current: Ask | undefined = kept ? thaw<Ask>(kept) : undefined

  const post = async (ask: Ask, schemes: OfferPlace['schemes']) => {
    const view = await matcher.postAsk(ask, schemes)
    remaining = view.remaining
    problem = undefined
  }

  const replace = async (ask: Ask, schemes: OfferPlace['schemes'], why: string) => {
    const old = current
    // On disk before it is signed: an ask that nobody remembers could not be taken back.
    journal.setNote(NOTE, freeze(ask))
    current = ask
    // Nobody is told that it is offered before the book has it.
    remaining = undefined
    await post(ask, schemes)
    log.info({ ask: digestAsk(domain, ask), price: ask.price.toString(), why }, 'offered')
    if (old) await matcher.cancelAsk(digestAsk(domain, old)).catch(() => {})
  }

  const pass = oneAtATime(async () => {
    if (withdrawn) return
    const now = await chain.now()
    const posted = current && (await postedAsk(current, digestAsk(domain, current), matcher))
    try {
      const place = await deps.place(offer)
      const wanted = askOf(offer, place, now, BigInt(Date.now()))
      const move = decideOffer(wanted, posted, now, offer.lifetime)
      if (move.do === 'replace') await replace(wanted, place.schemes, move.why)
      else if (move.do === 'repost') await post(current!, place.schemes)
      else {
        remaining = posted?.remaining
        problem = undefined
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
      // What cannot be stood by any more is not left in the book.
      if (error instanceof BadConfigError && current) await matcher.cancelAsk(digestAsk(domain, current))
      throw error
    }
  })

  return {
    pass,
    change: (changes) => {
      offer = { ...offer, ...changes }
    },
    withdraw: async () => {
      withdrawn = true
      remaining = undefined
      if (current) await matcher.cancelAsk(digestAsk(domain, current))
    },
    status: () => ({ offer, ask: current && digestAsk(domain, current), remaining, problem }),
  }
}

async function postedAsk(ask: Ask, digest: Hex, matcher: MatcherPort): Promise<PostedAsk> {
  const view = await matcher.getAsk(digest)
  return { ask, status: view?.status, remaining: view?.remaining ?? ask.capacity }
}
