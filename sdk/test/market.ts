/**
 * The other side of the SDK in one process: the API over HTTP, a provider that really runs jobs, and leases that
 * really open and close on a chain. What the matcher does for many it does for one tasker, and it can misbehave
 * in the ways that a client must survive.
 */
import type { ServerResponse } from 'node:http'
import {
  buildProgram,
  commit,
  encodeOutput,
  type Program,
  type RunLimits,
  type RunResult,
  run,
} from '@millrace/machine'
import { type Tamper, Trace } from '@millrace/machine/steps'
import { bytesToHex, type Hex } from 'viem'
import * as z from 'zod'
import { closeLease, openMatch } from '../src/actions/transactions.ts'
import { type EventType, eventSchema, type MarketEvent } from '../src/api/event.ts'
import { type JobView, jobViewSchema, ticketSubmissionSchema } from '../src/api/job.ts'
import {
  closeSubmissionSchema,
  type LeaseView,
  leaseViewSchema,
  voucherSubmissionSchema,
} from '../src/api/lease.ts'
import { marketSchema } from '../src/api/market.ts'
import { type BidView, bidSubmissionSchema, orderViewSchema } from '../src/api/order.ts'
import { quoteRequestSchema, quoteSchema } from '../src/api/quote.ts'
import type { Bid } from '../src/documents/bid.ts'
import { digestBid } from '../src/documents/bid.ts'
import { signClose, verifyClose } from '../src/documents/close.ts'
import { taskerLock, taskerLockParts } from '../src/documents/lock.ts'
import { lockOf } from '../src/documents/money.ts'
import { signResult } from '../src/documents/result.ts'
import { leaseIdOf, termsOf } from '../src/documents/terms.ts'
import { type Ticket, ticketHash, verifyTicket } from '../src/documents/ticket.ts'
import { verifyVoucher } from '../src/documents/voucher.ts'
import { owedFor } from '../src/millrace/settle.ts'
import { marketOf, type TestChain } from './chain.ts'
import { matchOf } from './orders.ts'
import { json, problem, startServer } from './server.ts'

export interface Misbehaviour {
  /** Signs another output than the program's. */
  lies?: boolean
  /** Runs it on a machine that is dishonest. */
  tamper?: Tamper
  /** The matcher hands on other bytes than the provider signed. */
  swapsOutput?: boolean
  /** Passes the provider's good result for the first job off as the one for this. */
  mixesUp?: boolean
  /** Declines so many jobs first. */
  declines?: number
  /** Cuts every event stream instead of telling the first result. */
  cutsStream?: boolean
  /** Tells of leases that it never opened. */
  inventsLeases?: boolean
  /** Never closes a lease. */
  neverCloses?: boolean
  /** Is waited for before a close is answered. */
  beforeClose?: () => Promise<unknown>
}

export interface TestMarket {
  url: string
  requests: string[]
  /** What was handed over for each lease, the last one last. */
  vouchers: Map<Hex, bigint[]>
  misbehave: Misbehaviour
  close(): Promise<void>
}

async function runTampered(
  { canonical }: Program,
  input: Uint8Array,
  limits: RunLimits,
  tamper: Tamper,
): Promise<Pick<RunResult, 'statusCode' | 'fuelUsed' | 'output' | 'trap'>> {
  const trace = await Trace.open({ program: canonical, input, limits, tamper })
  const { status, fuelUsed, output } = await trace.ending()
  const bytes = await trace.output()
  if (bytesToHex(output) !== commit(bytes)) throw new Error('the run says another output than it has')
  return { statusCode: status, fuelUsed, output: bytes, trap: undefined }
}

const PROVIDER = 2
const NO_JOB = `0x${'0'.repeat(64)}`

export async function startMarket(chain: TestChain): Promise<TestMarket> {
  const provider = chain.client(PROVIDER)
  const { domain, scheme } = chain
  const market = marketOf(chain.contracts, scheme)
  const misbehave: Misbehaviour = {}
  const blobs = new Map<string, Buffer>()
  const orders = new Map<string, BidView>()
  const leases = new Map<string, LeaseView>()
  const jobs = new Map<string, JobView>()
  const vouchers = new Map<Hex, bigint[]>()
  const history: { id: number; text: string }[] = []
  const streams = new Set<ServerResponse>()
  let nonce = BigInt(Date.now())
  /** One after the other, as a provider with one account must. */
  let working: Promise<unknown> = Promise.resolve()

  function tell(type: EventType, ids: Partial<MarketEvent>, data: unknown): void {
    const id = history.length + 1
    const event = {
      id: String(id),
      at: Date.now(),
      type,
      accounts: [],
      ...ids,
      data,
    } as unknown as MarketEvent
    const text = `id: ${id}\ndata: ${JSON.stringify(z.encode(eventSchema, event))}\n\n`
    history.push({ id, text })
    if (type === 'job.result' && misbehave.cutsStream) {
      misbehave.cutsStream = false
      for (const stream of streams) stream.destroy()
    }
    for (const stream of streams) stream.write(text)
  }

  /** The ask that a bid is matched with: signed anew for each, so that none is ever used up. */
  const askFor = (bid: Partial<Bid>) =>
    matchOf(chain, { tasker: 1, provider: PROVIDER }, { ask: { nonce: ++nonce }, bid })

  async function open(order: BidView): Promise<void> {
    const { order: bid, signature: bidSignature, digest } = order
    const { ask, askSignature, schemeProof } = await askFor({})
    const seq = BigInt(order.leases.length)
    const previous = order.leases.slice(-1).map((id) => leases.get(id)!.terms)
    const match = {
      ask,
      askSignature,
      bid,
      bidSignature,
      seq,
      fuel: bid.fuel,
      bidIsMaker: false,
      scheme,
      schemeProof,
      previous,
    }
    tell('order.matched', { order: digest }, order)
    const sent = misbehave.inventsLeases ? undefined : await openMatch(provider, { match })
    const openedAt = sent
      ? (await chain.publicClient.getBlock({ blockHash: sent.receipt.blockHash })).timestamp
      : 1n
    const terms = termsOf(ask, bid, { ...match, openedAt }, domain)
    const id = leaseIdOf(terms)
    const txs = sent
      ? [{ type: 'lease.opened', tx: sent.hash, block: 1n, at: 1, gas: sent.receipt.gasUsed }]
      : []
    const deadlines = { end: terms.end, claimBy: terms.end, over: terms.end, final: terms.end }
    const lease: LeaseView = {
      id,
      terms,
      scheme,
      state: 'open',
      paid: 0n,
      claimed: 0n,
      closedAt: 0n,
      deadlines,
      txs,
    }
    leases.set(id, lease)
    order.leases.push(id)
    tell('lease.opened', { order: digest, lease: id, tx: sent?.hash }, lease)
    if (order.job) await serve({ lease: id, index: 0, job: order.job }, digest)
  }

  async function serve(ticket: Ticket, order?: Hex, inline?: Uint8Array): Promise<void> {
    const id = ticketHash(ticket)
    const lease = leases.get(ticket.lease)!
    const ids = { job: id, lease: lease.id, order }
    const { provider: account, tasker } = lease.terms
    const job: JobView = {
      id,
      ticket,
      lease: lease.id,
      order,
      provider: account,
      tasker,
      state: 'queued',
      timeline: [],
    }
    jobs.set(id, job)
    if (order) orders.get(order)!.jobs.push(id)
    tell('job.queued', ids, job)
    if (misbehave.declines) {
      misbehave.declines--
      Object.assign(job, { state: 'declined', reason: 'host-abort' })
      return tell('job.declined', ids, job)
    }
    tell('job.accepted', ids, Object.assign(job, { state: 'accepted' }))
    const { fuel, outputMax, programRoot, input } = ticket.job
    const program = buildProgram(blobs.get(programRoot)!)
    const bytes = inline ?? blobs.get(input)!
    const limits = { fuel, outputMax }
    const own = misbehave.tamper
      ? await runTampered(program, bytes, limits, misbehave.tamper)
      : await run(program, bytes, limits)
    const lie = encodeOutput({ exitCode: 0, stdout: Buffer.from('a lie'), stderr: new Uint8Array() })
    const output = misbehave.lies ? lie : own.output
    const result = { ticket: id, status: own.statusCode, fuelUsed: own.fuelUsed, output: commit(output) }
    const signature = await signResult(chain.account(PROVIDER), domain, result)
    const told = (misbehave.swapsOutput ? lie : output) as Uint8Array<ArrayBuffer>
    Object.assign(job, { state: 'result', result: { result, signature, output: told, trap: own.trap } })
    if (order) {
      const owed = owedFor(lease.terms, own.fuelUsed)
      const close = { lease: lease.id, owed, until: lease.terms.end }
      const providerSignature = await signClose(chain.account(PROVIDER), domain, close)
      job.close = { owed, until: close.until, providerSignature }
    }
    const [first] = jobs.values()
    if (misbehave.mixesUp && first!.result)
      jobs.set(id, Object.assign(job, { ...first, order, lease: lease.id }))
    tell('job.result', ids, job)
  }

  async function end(lease: LeaseView, owed: bigint, until: bigint, taskerSignature: Hex): Promise<void> {
    if (misbehave.neverCloses) return
    const close = { lease: lease.id, owed, until }
    const providerSignature = await signClose(chain.account(PROVIDER), domain, close)
    const closing = { terms: lease.terms, owed, until, taskerSignature, providerSignature }
    const { hash, receipt } = await closeLease(provider, { closing })
    lease.txs.push({ type: 'lease.closed', tx: hash, block: 2n, at: 2, gas: receipt.gasUsed })
    tell('lease.closed', { lease: lease.id, tx: hash }, Object.assign(lease, { state: 'closed', paid: owed }))
  }

  const later = (work: () => Promise<unknown>) => {
    working = working.then(work)
    working.catch(() => {})
  }

  const server = await startServer(async (request, response) => {
    const url = new URL(request.url!, 'http://market')
    const [, , noun, name, verb] = url.pathname.split('/') as (string | undefined)[]
    const read = <S extends z.ZodType>(schema: S) => schema.parse(JSON.parse(request.body)) as z.output<S>
    const send = <S extends z.ZodType>(schema: S, value: z.output<S>) =>
      json(response, 200, z.encode(schema, value))

    switch (`${request.method} ${noun}${verb ? `/${verb}` : ''}`) {
      case 'GET market':
        return send(marketSchema, market)
      case 'GET events': {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
        const last = Number(request.headers['last-event-id'] ?? history.length)
        for (const { id, text } of history) if (id > last) response.write(text)
        streams.add(response)
        return response.on('close', () => streams.delete(response))
      }
      case 'HEAD blobs':
      case 'GET blobs': {
        const blob = blobs.get(name!)
        return blob ? response.end(blob) : problem(response, 404, 'blob-missing')
      }
      case 'PUT blobs': {
        blobs.set(name!, request.bytes)
        return json(response, 201, {
          root: name,
          kind: url.searchParams.get('kind'),
          size: request.bytes.length,
        })
      }
      case 'POST quotes': {
        const wanted = read(quoteRequestSchema)
        const { ask } = await askFor({})
        if (wanted.memoryPages > ask.memoryPages) return problem(response, 409, 'no-offer')
        const fuel = wanted.fuel + BigInt(wanted.jobs) * ask.jobFuel
        const { price, retainer, claimFee, jobFuel } = ask
        const locked = { price, fuel, retainer, claimFee, taskerFee: market.matcher.takerFee }
        const compute = lockOf(price, wanted.fuel)
        const { fee, compute: all } = taskerLockParts(locked)
        const parts = { compute, flat: all - compute, matcherFee: fee, retainer, claimFee }
        const collateral = lockOf(ask.collateral, fuel)
        const offer = { ask: NO_JOB as Hex, order: ask, provider: ask.account, scheme, price, jobFuel }
        return send(quoteSchema, {
          ...offer,
          most: taskerLock(locked),
          parts,
          collateral,
          dispute: { limit: wanted.disputeLimit, gain: compute, checkingRate: 0.1 },
          validUntil: ask.expiry,
        })
      }
      case 'POST bids': {
        const { bid, signature, job } = read(bidSubmissionSchema)
        const digest = digestBid(domain, bid)
        const order: BidView = {
          ...{ kind: 'bid', order: bid, scheme, job, digest, signature, status: 'open' },
          ...{ remaining: bid.fuel, leases: [], jobs: [] },
        }
        orders.set(digest, order)
        later(() => attempt(order))
        return send(orderViewSchema, order)
      }
      case 'GET orders':
        return send(orderViewSchema, orders.get(name!)!)
      case 'GET leases':
        return name ? send(leaseViewSchema, leases.get(name)!) : json(response, 200, { leases: [] })
      case 'GET jobs':
        return send(jobViewSchema, jobs.get(name!)!)
      case 'POST leases/tickets': {
        const { ticket, signature, input } = read(ticketSubmissionSchema)
        const lease = leases.get(name!)!
        if (!verifyTicket(lease.terms.taskerKey, domain, ticket, signature))
          return problem(response, 401, 'bad-signature')
        await serve(ticket, undefined, input)
        return send(jobViewSchema, { ...jobs.get(ticketHash(ticket))!, ticketSignature: signature })
      }
      case 'POST leases/voucher': {
        const lease = leases.get(name!)!
        const { owed, signature } = read(voucherSubmissionSchema)
        if (!verifyVoucher(lease.terms.taskerKey, domain, { lease: lease.id, owed }, signature)) {
          return problem(response, 401, 'bad-signature')
        }
        vouchers.set(lease.id, [...(vouchers.get(lease.id) ?? []), owed])
        return send(leaseViewSchema, lease)
      }
      case 'POST leases/close': {
        await misbehave.beforeClose?.()
        const lease = leases.get(name!)!
        const { owed, until, signature } = read(closeSubmissionSchema)
        const document = { lease: lease.id, owed, until }
        if (!verifyClose(lease.terms.taskerKey, domain, document, signature))
          return problem(response, 401, 'bad-signature')
        later(() => end(lease, owed, until, signature))
        return send(leaseViewSchema, lease)
      }
      default:
        return problem(response, 404, 'no-such-route')
    }
  })

  /** Opens a lease, and the next one where the job was declined. */
  async function attempt(order: BidView): Promise<void> {
    await open(order)
    const [last] = order.jobs.slice(-1)
    if (!last || jobs.get(last)!.state !== 'declined' || order.jobs.length >= order.order.attempts) return
    const { terms } = leases.get(jobs.get(last)!.lease)!
    await chain.warp(terms.end)
    await attempt(order)
  }

  return { url: server.url, requests: server.requests, vouchers, misbehave, close: () => server.close() }
}
