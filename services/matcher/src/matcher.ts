/** Puts the parts together: opens what there is, recovers what was cut short, and begins to serve. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { documentDomain, signerFromKey } from '@millrace/sdk'
import { createPublicClient, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { neededBlobs } from './blobs/needed.ts'
import { BlobStore } from './blobs/store.ts'
import { Book } from './book/book.ts'
import { Indexer } from './chain/indexer.ts'
import { ChainReader } from './chain/reader.ts'
import { ChainClock } from './clock.ts'
import { type Config, configSchema, type MatcherConfig } from './config.ts'
import type { Context } from './context.ts'
import { NoContractsError, UnavailableError } from './errors.ts'
import { Hub } from './events/hub.ts'
import { Funds } from './funds/funds.ts'
import { makeApp } from './http/app.ts'
import { Debts } from './jobs/debt.ts'
import { Sender } from './journal/sender.ts'
import { keepLease } from './leases/keeper.ts'
import { Follower } from './ledger/follow.ts'
import { Ledger } from './ledger/ledger.ts'
import { type Logger, makeLog } from './observe/log.ts'
import { makeMetrics } from './observe/metrics.ts'
import { expireOrder } from './orders/expire.ts'
import { Matching } from './orders/matching.ts'
import { refuseOrder } from './orders/refuse.ts'
import { Queues } from './queues/queues.ts'
import { fillBook, reconcile } from './queues/reconcile.ts'
import { Settlement } from './settle/settlement.ts'
import { Committer } from './store/committer.ts'
import { openDatabase } from './store/database.ts'
import { Recent } from './store/recent.ts'
import { isDiskFull, Room } from './store/room.ts'
import { unavailablePart } from './unavailable.ts'

export interface Matcher {
  url: string
  stop(): Promise<void>
}

/** Milliseconds after which a request that has not arrived is cut off: its headers, all of it, an idle line. */
const TIMEOUTS = { headers: 10_000, request: 30_000, idle: 5_000, check: 1_000 }

/** How often the head is looked for before the matcher gives up to start. */
const LOOKS = 20

export async function startMatcher(input: MatcherConfig, givenLog?: Logger): Promise<Matcher> {
  const config = configSchema.parse(input)
  const log = givenLog ?? makeLog(config.logLevel)
  const stops: (() => Promise<void> | void)[] = []
  // In the opposite order of starting, each whatever the others do.
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) {
      await Promise.resolve(end()).catch((error) => log.error({ err: error }, 'stopping'))
    }
  }
  try {
    return { url: await start(config, log, stops), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(config: Config, log: Logger, stops: (() => Promise<void> | void)[]): Promise<string> {
  const room = new Room(config.dataDir, config.reserveBytes)
  room.ensure()
  const database = await openDatabase({ url: config.databaseUrl, dataDir: join(config.dataDir, 'database') })
  stops.push(() => database.close())
  const context = await makeContext(config, log, database.db, room)
  stops.push(() => context.committer.idle())
  await context.blobs.start()
  stops.push(() => context.blobs.close())
  await fillBook(context)

  const hot = privateKeyToAccount(config.hotKey)
  const follower = new Follower(context)
  const sender = new Sender({
    db: context.db,
    committer: context.committer,
    client: context.client,
    account: hot,
    chainId: context.chainId,
    log,
    tip: config.tip,
    stuckMs: config.stuckMs,
    depth: config.settledBlocks,
    onMined: () => indexer.kick(),
    onReleased: () => void reconcileSoon(),
  })
  const ledger = new Ledger(context, (aftermath) => {
    if (aftermath.money) context.recent.clear()
    if (aftermath.isRollback) sender.reopen()
    follower.follow(aftermath)
  })
  const indexer = new Indexer({
    reader: new ChainReader(context.client, context.contracts),
    sink: ledger,
    log,
    fromBlock: config.fromBlock,
    pollMs: config.pollMs,
    onHead: (head) => {
      if (context.head.isDown) log.info('the chain answers')
      const isNew = head.number !== context.head.number
      Object.assign(context.head, { number: head.number, baseFee: head.baseFee, isDown: false })
      if (isNew && context.clock.see(head.time)) void reconcileSoon()
      void sender.look(head).catch((error) => log.warn({ err: error }, 'transactions were not followed'))
    },
    onDown: (error) => {
      // What was read could not be written: that is not the chain's fault, and is read again.
      if (unavailablePart(error) === 'database' || isDiskFull(error))
        return log.warn({ err: error }, 'blocks were not written: later')
      if (!context.head.isDown) log.warn({ err: error }, 'the chain does not answer')
      context.head.isDown = true
    },
  })
  const settlement = new Settlement({
    context,
    sender,
    hot,
    onRefused: (intent, error) => {
      if (intent.kind !== 'open') return
      const { ask, bid } = intent.payload as { ask: string; bid: string }
      const known = 'code' in error ? refuseOrder(context, bid, ask, error) : Promise.resolve(false)
      void known.then(() => follower.refused(intent.id, error.message)).catch(() => {})
    },
  })
  let reconciling: Promise<void> | undefined
  const reconcileSoon = () => {
    reconciling ??= reconcile(context)
      .catch((error) => log.warn({ err: error }, 'queues were not compared: later'))
      .finally(() => {
        reconciling = undefined
      })
    return reconciling
  }
  context.queues.onLost = () => void reconcileSoon()

  // The chain is read before anything is sent: what the journal left open may be done already.
  await readUp(indexer, config.pollMs)
  await follower.idle()
  await sender.start()
  await sender.look(context.head)
  indexer.start()
  stops.push(() => indexer.stop())
  await context.queues.start({
    dispatch: async (id) => {
      await context.matching.match(id.slice(0, 66) as Hex)
      return undefined
    },
    settlement: async (id) => {
      await settlement.settle(id)
      return undefined
    },
    deadlines: (id) => {
      const [what, subject] = id.split('.') as [string, string]
      return what === 'lease' ? keepLease(context, subject) : expireOrder(context, subject)
    },
  })
  stops.push(() => context.queues.close())
  await reconcileSoon()
  const timer = setInterval(() => void reconcileSoon(), config.reconcileMs)
  stops.push(async () => {
    clearInterval(timer)
    context.queues.onLost = () => {}
    await reconciling
  })

  const server = await listen(
    createServer({ connectionsCheckingInterval: TIMEOUTS.check }, makeApp(context)),
    config,
  )
  stops.push(() => close(server))
  const { port } = server.address() as AddressInfo
  const url = `http://${config.host}:${port}`
  log.info({ url, hot: hot.address, block: context.head.number }, 'the matcher listens')
  return url
}

/** A block may come between two questions; a node that is behind for longer is none to start with. */
async function readUp(indexer: Indexer, pollMs: number): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks++) {
    if (await indexer.tick()) return
    await delay(pollMs)
  }
  throw new UnavailableError('chain')
}

async function makeContext(config: Config, log: Logger, db: Context['db'], room: Room): Promise<Context> {
  const client = createPublicClient({
    transport: http(config.rpcUrl, { timeout: config.rpcTimeoutMs, retryCount: 1, batch: { wait: 0 } }),
    cacheTime: 0,
  })
  const chainId = await client.getChainId()
  const { leases } = config.contracts
  if (!(await client.getCode({ address: leases }))) throw new NoContractsError({ chainId, leases })
  const hub = new Hub()
  // A server's disk is the server's to look after.
  const ensureRoom = config.databaseUrl ? undefined : () => room.ensure()
  const committer = new Committer(db, (events) => hub.publish(events), ensureRoom)
  const metrics = makeMetrics()
  const context = {
    config,
    contracts: config.contracts,
    chainId,
    domain: documentDomain(chainId, config.contracts.leases),
    client,
    store: signerFromKey(config.storeKey),
    db,
    committer,
    room,
    hub,
    book: new Book(),
    funds: new Funds(client, config.contracts.escrow),
    blobs: new BlobStore({
      dir: join(config.dataDir, 'blobs'),
      db,
      committer,
      log,
      limits: { blob: config.blobBytes, store: config.storeBytes },
      ensureRoom: (incoming) => room.ensure(incoming),
      needed: () => neededBlobs(db),
    }),
    queues: new Queues({ url: config.redisUrl, prefix: config.redisPrefix, log }),
    clock: new ChainClock(),
    head: { number: 0, baseFee: 0n, isDown: false },
    debts: new Debts(db),
    recent: new Recent(db),
    log,
    metrics,
  }
  return Object.assign(context, { matching: new Matching(context as unknown as Context) }) as Context
}

async function listen(server: Server, { host, port }: Config): Promise<Server> {
  server.headersTimeout = TIMEOUTS.headers
  server.requestTimeout = TIMEOUTS.request
  server.keepAliveTimeout = TIMEOUTS.idle
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

/** Streams of events never end by themselves. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
