/** What is to be done once a block is committed: nothing of it is lost if the process dies before. */
export class Aftermath {
  /** Orders whose entry in the book has changed. */
  readonly orders = new Set<string>()
  /** Bids that can be matched again. */
  readonly rematch = new Set<string>()
  /** Leases whose next deadline has changed. */
  readonly leases = new Set<string>()
  /** Openings that are no longer on their way: they came about, */
  readonly done = new Set<string>()
  /** or the chain refused them, with this reason. */
  readonly refused = new Map<string, string>()
  /** Money moved. */
  money = false
  /** Blocks were taken back. */
  isRollback = false
}
