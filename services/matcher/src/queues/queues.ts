/**
 * BullMQ over Redis: what is to be done soon. Jobs hold ids and nothing else; each processor looks up what the
 * id stands for and may run twice. Everything here is rebuilt from the journal when Redis was emptied.
 */
import { DelayedError, type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { UnavailableError } from '../errors.ts'
import type { Logger } from '../observe/log.ts'

export type QueueName = 'dispatch' | 'settlement' | 'deadlines'
/** Returns milliseconds after which the same id is to be looked at again. */
export type Processor = (id: string) => Promise<number | undefined>

export interface QueuesOptions {
  url: string
  prefix: string
  log: Logger
}

/** So many ids of a queue are worked on at once: more than a batch, so that batches fill. */
const CONCURRENCY = { dispatch: 16, settlement: 128, deadlines: 32 }
const NAMES = ['dispatch', 'settlement', 'deadlines'] as const

/** A key that is there as long as Redis was not emptied. */
const MARK = 'mark'

export class Queues {
  /** Redis is back, or was emptied: what should be queued may not be. */
  onLost: () => void = () => {}
  readonly #options: QueuesOptions
  readonly #client: Redis
  /** Made once Redis was there: BullMQ's first question would fail otherwise, and its answer is kept. */
  #queues: Record<QueueName, Queue> | undefined
  #workers: Worker[] = []
  #processors: Record<QueueName, Processor> | undefined
  #opening: Promise<void> | undefined
  #watch: NodeJS.Timeout | undefined

  constructor(options: QueuesOptions) {
    this.#options = options
    // Commands fail at once while Redis is away: callers answer 503 and do not wait.
    this.#client = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      retryStrategy: (times) => Math.min(50 * times, 1_000),
    })
    this.#client.on('error', (error) => options.log.debug({ err: error }, 'redis'))
    this.#client.on('ready', () => void this.#onReady())
  }

  async start(processors: Record<QueueName, Processor>): Promise<void> {
    this.#processors = processors
    this.#watch = setInterval(() => void this.#look(), 1_000)
    // A Redis that is absent at the start is one that comes back later.
    await this.#client.connect().catch(() => {})
    await this.#opening
  }

  get isUp(): boolean {
    return this.#queues !== undefined && this.#client.status === 'ready'
  }

  /** @throws UnavailableError */
  assertUp(): void {
    if (!this.isUp) throw new UnavailableError('redis')
  }

  /** Queues an id, once. With Redis away it is left to the reconciler. */
  async add(name: QueueName, id: string, delay = 0): Promise<void> {
    if (!this.isUp) return
    try {
      await this.#queues![name].add(name, {}, { jobId: id, delay })
    } catch (error) {
      this.#options.log.warn({ err: error, queue: name, id }, 'not queued: the reconciler will')
    }
  }

  /** Moves a delayed id to another time. */
  async reschedule(name: QueueName, id: string, delay: number): Promise<void> {
    if (!this.isUp) return
    try {
      const job = await this.#queues![name].getJob(id)
      if (job && (await job.isDelayed())) await job.changeDelay(delay)
      else await this.add(name, id, delay)
    } catch (error) {
      this.#options.log.warn({ err: error, queue: name, id }, 'not rescheduled: the reconciler will')
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    await Promise.all(this.#workers.map((worker) => worker.close(!this.isUp)))
    await Promise.all(Object.values(this.#queues ?? {}).map((queue) => queue.close()))
    this.#client.disconnect()
  }

  async #onReady(): Promise<void> {
    this.#opening ??= this.#open()
    await this.#opening
    this.onLost()
  }

  /**
   * What a process before this one left is thrown away: its locks would keep ids from being queued again until
   * they run out, and all of it is rebuilt from the journal.
   */
  async #open(): Promise<void> {
    try {
      const queues = this.#makeQueues()
      await Promise.all(Object.values(queues).map((queue) => queue.obliterate({ force: true })))
      this.#workers = NAMES.map((name) => this.#work(name, this.#processors![name]))
      this.#queues = queues
    } catch (error) {
      // It went away again: the next `ready` begins anew.
      this.#opening = undefined
      this.#options.log.debug({ err: error }, 'redis')
    }
  }

  #makeQueues(): Record<QueueName, Queue> {
    const { prefix, log } = this.#options
    const make = (name: QueueName) => {
      const queue = new Queue(name, {
        connection: this.#client,
        prefix,
        skipWaitingForReady: true,
        defaultJobOptions: {
          removeOnComplete: true,
          removeOnFail: true,
          attempts: 10,
          backoff: { type: 'exponential', delay: 250 },
        },
      })
      queue.on('error', (error) => log.debug({ err: error, queue: name }, 'queue'))
      return queue
    }
    return { dispatch: make('dispatch'), settlement: make('settlement'), deadlines: make('deadlines') }
  }

  #work(name: QueueName, processor: Processor): Worker {
    const { url, prefix, log } = this.#options
    const process = async (job: Job, token?: string) => {
      const again = await processor(job.id!)
      if (again === undefined) return
      await job.moveToDelayed(Date.now() + again, token)
      throw new DelayedError()
    }
    const worker = new Worker(name, process, {
      connection: {
        url,
        maxRetriesPerRequest: null,
        retryStrategy: (times: number) => Math.min(50 * times, 1_000),
      },
      prefix,
      concurrency: CONCURRENCY[name],
      // A stalled job is one whose process hung or died: it runs again, as often as it takes.
      maxStalledCount: 100,
      lockDuration: 10_000,
      stalledInterval: 5_000,
    })
    worker.on('error', (error) => log.debug({ err: error, queue: name }, 'worker'))
    worker.on('failed', (job, error) =>
      log.warn({ err: error, queue: name, id: job?.id }, 'a queued step failed'),
    )
    return worker
  }

  /** Whether Redis is still the one that was filled. */
  async #look(): Promise<void> {
    if (!this.isUp) return
    const key = `${this.#options.prefix}:${MARK}`
    try {
      if (await this.#client.get(key)) return
      await this.#client.set(key, '1')
      this.onLost()
    } catch (error) {
      this.#options.log.debug({ err: error }, 'redis')
    }
  }
}
