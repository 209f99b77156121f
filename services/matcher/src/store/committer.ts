import type { Database, Tx } from './database.ts'
import { events } from './schema/index.ts'

/** An event that is committed with the work that it tells of. */
export interface EventDraft {
  type: string
  accounts: readonly string[]
  order?: string
  lease?: string
  job?: string
  tx?: string
  /** What subscribers are sent, in JSON. */
  data: unknown
  /** Written without its data, which can be made again from the rows. */
  transient?: boolean
}

export interface CommittedEvent extends Omit<EventDraft, 'transient'> {
  id: number
  at: Date
}

/** Writes within `tx` and tells with `emit`. It may be run twice, so it does nothing else. */
export type Work<T> = (tx: Tx, emit: (event: EventDraft) => void) => Promise<T>

interface Waiting {
  work: Work<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

/**
 * Group commit. Work that arrives while a transaction is being written waits and goes into the next one
 * together, so that one sync to disk acknowledges many requests. All writes go through here, one transaction
 * after another: events are numbered and published in the order in which they were committed.
 */
export class Committer {
  readonly #db: Database
  readonly #publish: (events: CommittedEvent[]) => void
  readonly #ensureRoom: () => void
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  /** @param ensureRoom throws where nothing may be written now */
  constructor(db: Database, publish: (events: CommittedEvent[]) => void, ensureRoom: () => void = () => {}) {
    this.#db = db
    this.#publish = publish
    this.#ensureRoom = ensureRoom
  }

  /** Resolves when the work is on disk. */
  commit<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as Waiting['resolve'], reject })
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  /** Resolves when everything that was handed in has been written. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // Requests that arrive in one turn of the event loop share the first transaction too.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#write(group)
      } catch (error) {
        // Nothing was written. Each has its own turn, so that only the failing one fails.
        if (group.length === 1) group[0]!.reject(error)
        else for (const one of group) await this.#write([one]).catch(one.reject)
      }
    }
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    this.#ensureRoom()
    const { values, committed } = await this.#db.transaction(async (tx) => {
      const drafts: EventDraft[] = []
      const values: unknown[] = []
      for (const { work } of group) values.push(await work(tx, (event) => drafts.push(event)))
      return { values, committed: await insertEvents(tx, drafts) }
    })
    this.#publish(committed)
    group.forEach(({ resolve }, position) => {
      resolve(values[position])
    })
  }
}

async function insertEvents(tx: Tx, drafts: readonly EventDraft[]): Promise<CommittedEvent[]> {
  if (drafts.length === 0) return []
  const at = new Date()
  const rows = await tx
    .insert(events)
    .values(
      drafts.map(({ transient, data, accounts, ...draft }) => ({
        ...draft,
        accounts: [...accounts],
        at,
        data: transient ? null : data,
      })),
    )
    .returning({ id: events.id })
  return drafts.map(({ transient, ...draft }, position) => ({ ...draft, id: rows[position]!.id, at }))
}
