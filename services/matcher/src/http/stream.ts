/** Server-sent events: what was missed first, out of the events table, then what happens. */
import { and, arrayContains, asc, eq, gt, inArray, type SQL } from 'drizzle-orm'
import type { Request, Response } from 'express'
import type { Context } from '../context.ts'
import { RefusedError } from '../errors.ts'
import { type Interest, toWire, type WireEvent } from '../events/hub.ts'
import { findJob, wholeJobView } from '../jobs/view.ts'
import { events } from '../store/schema/index.ts'

/** Proxies close what is silent for longer. */
const BEAT_MS = 15_000
/** Read from the table at once. */
const PAGE = 200
/** A listener that does not read is cut off, and comes back with its Last-Event-ID. */
const MOST_BUFFERED = 4 * 2 ** 20

/** How many streams each address has open. */
const open = new Map<string, number>()

export async function streamEvents(
  context: Context,
  request: Request,
  response: Response,
  interest: Interest,
): Promise<void> {
  const from = request.ip ?? ''
  takePlace(from, context.config.streamsPerAddress)
  response.once('close', () => open.set(from, open.get(from)! - 1))

  const live: WireEvent[] = []
  let write = (event: WireEvent): void => {
    live.push(event)
  }
  const stop = context.hub.listen(interest, (event) => write(event))
  context.metrics.streams.inc()
  const beat = setInterval(() => response.write(': beat\n\n'), BEAT_MS)
  response.once('close', () => {
    clearInterval(beat)
    stop()
    context.metrics.streams.dec()
  })

  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.write(': open\n\n')
  let last = Number(request.get('last-event-id') ?? Number.NaN)
  const send = (event: WireEvent) => {
    if (Number(event.id) <= last) return
    last = Number(event.id)
    response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`)
    if (response.writableLength > MOST_BUFFERED) response.destroy()
  }
  if (Number.isSafeInteger(last)) await replay(context, interest, last, send)
  // A new listener hears from now on.
  else last = 0
  for (const event of live) send(event)
  write = send
}

function takePlace(from: string, most: number): void {
  const count = open.get(from) ?? 0
  if (count >= most) {
    throw new RefusedError(429, 'too-many-streams', `${from} has ${count} streams open.`, {
      remedy: 'Close some: one stream hears everything about an account.',
      facts: { limit: most, waitMs: 5_000 },
    })
  }
  open.set(from, count + 1)
}

async function replay(
  context: Context,
  interest: Interest,
  after: number,
  send: (event: WireEvent) => void,
): Promise<void> {
  for (let last = after; ; ) {
    const rows = await context.db
      .select()
      .from(events)
      .where(and(gt(events.id, last), ...conditions(interest)))
      .orderBy(asc(events.id))
      .limit(PAGE)
    for (const row of rows) {
      const event = await restore(context, row)
      if (event) send(event)
      last = row.id
    }
    if (rows.length < PAGE) return
  }
}

function conditions({ account, order, lease, job, types }: Interest): SQL[] {
  return [
    ...(account ? [arrayContains(events.accounts, [account])] : []),
    ...(order ? [eq(events.order, order)] : []),
    ...(lease ? [eq(events.lease, lease)] : []),
    ...(job ? [eq(events.job, job)] : []),
    ...(types ? [inArray(events.type, types)] : []),
  ]
}

/** An event whose data was not written carries its job as it is now; undefined where a reorganisation took it. */
async function restore(context: Context, row: typeof events.$inferSelect): Promise<WireEvent | undefined> {
  const { order, lease, job, tx, ...rest } = row
  const about = {
    order: order ?? undefined,
    lease: lease ?? undefined,
    job: job ?? undefined,
    tx: tx ?? undefined,
  }
  if (row.data !== null) return toWire({ ...rest, ...about })
  const found = await findJob(context.db, job!)
  return found && toWire({ ...rest, ...about, data: await wholeJobView(context, found.job, found.lease) })
}
