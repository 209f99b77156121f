import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import type { Context } from '../context.ts'
import { RefusedError } from '../errors.ts'
import { readJson } from './body.ts'
import { limitRequests } from './limits.ts'
import { openApi } from './openapi.ts'
import { problemHandler, sendProblem } from './problem.ts'
import { Quota } from './quota.ts'
import { type Route, runRoute } from './route.ts'
import { blobRoutes } from './routes/blobs.ts'
import { disputeRoutes } from './routes/disputes.ts'
import { eventRoutes } from './routes/events.ts'
import { jobRoutes } from './routes/jobs.ts'
import { leaseRoutes } from './routes/leases.ts'
import { marketRoutes } from './routes/market.ts'
import { orderRoutes } from './routes/orders.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export function makeApp(context: Context): Express {
  const { config, log, metrics } = context
  const quota = new Quota({ burst: config.quotaBurst, perSecond: config.quotaPerSecond })
  setInterval(() => quota.sweep(Date.now()), 60_000).unref()

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(helmet())
  app.use(allowBrowsers)
  operations(app, context)
  app.use(limitRequests(quota))
  app.use(readJson(config.bodyBytes))

  const routes = [
    ...marketRoutes(context),
    ...orderRoutes(context),
    ...leaseRoutes(context),
    ...jobRoutes(context),
    ...blobRoutes(context),
    ...eventRoutes(context),
    ...disputeRoutes(context),
  ]
  for (const definition of routes) add(app, context, definition)
  const description = openApi(routes, version)
  app.get('/openapi.json', (_, response) => void response.json(description))
  app.use((request, response) => sendProblem(response, noRoute(request)))
  app.use(problemHandler(log, metrics))
  return app
}

/** For whoever runs the matcher: outside of quotas, so that a flood does not look like a failure. */
function operations(app: Express, context: Context): void {
  app.get('/healthz', (_, response) => void response.json({ status: 'ok' }))
  app.get('/readyz', async (_, response) => {
    const parts = {
      redis: context.queues.isUp,
      database: await answers(context),
      chain: !context.head.isDown,
      disk: !context.room.isShort,
    }
    const isReady = Object.values(parts).every(Boolean)
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not-ready', parts })
  })
  app.get('/metrics', async (_, response) => {
    response.type(context.metrics.registry.contentType).send(await context.metrics.registry.metrics())
  })
}

async function answers({ db }: Context): Promise<boolean> {
  try {
    await db.execute(sql`select 1`)
    return true
  } catch {
    return false
  }
}

function add(app: Express, { metrics }: Context, definition: Route): void {
  const path = definition.path.replace(/\{(\w+)\}/g, ':$1')
  app[definition.method](path, async (request: Request, response: Response) => {
    const stop = metrics.requests.startTimer({ method: request.method, route: definition.path })
    response.once('close', () => stop({ status: response.statusCode }))
    await runRoute(definition, request, response)
  })
}

/** The SDK runs in pages of any origin: nothing here rests on cookies, and reading is public. */
const allowBrowsers: RequestHandler = (request, response, next) => {
  response.set({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'retry-after, millrace-kind',
    'cross-origin-resource-policy': 'cross-origin',
  })
  if (request.method !== 'OPTIONS') return next()
  response.set({
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    'access-control-allow-headers':
      'content-type, last-event-id, millrace-key, millrace-issued-at, millrace-nonce, millrace-signature',
    'access-control-max-age': '86400',
  })
  response.status(204).end()
}

function noRoute({ method, path }: Request): RefusedError {
  return new RefusedError(404, 'no-such-route', `There is no ${method} ${path}.`, {
    remedy: '/openapi.json lists what there is.',
  })
}
