/** What a job goes through, told as it happens. */
import type { Hex } from 'viem'

/**
 * prepared: program and input have their names · quoted: the most it can cost is known · funded: the escrow was
 * topped up · signed: the bid is in the book, and `facts.order` is how to come back to it · unmatched: no offer
 * fits now, `facts` says why; the bid waits · matched: paired with an ask · leased: open on chain, money locked ·
 * running: the provider has what it needs and runs · failed: this attempt gave nothing, another one follows ·
 * finished: a result is there · checked: it holds · contested: it does not, and somebody else has a case open, which is
 * waited for · challenged: it does not, a case is open · moved: a move of the proof game, by either side · ruled: the case is
 * decided and settled · paid: settled on chain.
 */
export type PhaseName =
  | 'prepared'
  | 'quoted'
  | 'funded'
  | 'signed'
  | 'unmatched'
  | 'matched'
  | 'leased'
  | 'running'
  | 'failed'
  | 'finished'
  | 'checked'
  | 'contested'
  | 'challenged'
  | 'moved'
  | 'ruled'
  | 'paid'

export interface Phase {
  phase: PhaseName
  /** Unix milliseconds. */
  at: number
  facts: Readonly<Record<string, unknown>>
  /** The transaction behind it, and the gas it took, where it is known. */
  tx?: Hex
  gas?: bigint
}

export type OnPhase = (phase: Phase) => void
