import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What is counted and measured; names as Prometheus wants them, units in the names. */
export function makeMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'millrace_matcher_' })
  return {
    registry,
    requests: new Histogram({
      name: 'millrace_matcher_request_seconds',
      help: 'Time to answer, by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    orders: new Counter({
      name: 'millrace_matcher_orders_total',
      help: 'Orders accepted, by kind',
      labelNames: ['kind'],
      registers,
    }),
    refusals: new Counter({
      name: 'millrace_matcher_refusals_total',
      help: 'Requests refused, by code',
      labelNames: ['code'],
      registers,
    }),
    matches: new Counter({ name: 'millrace_matcher_matches_total', help: 'Pairs found', registers }),
    batch: new Histogram({
      name: 'millrace_matcher_batch_size',
      help: 'Intents in one transaction, by kind',
      labelNames: ['kind'],
      buckets: [1, 2, 4, 8, 16, 32],
      registers,
    }),
    leases: new Counter({
      name: 'millrace_matcher_lease_events_total',
      help: 'What happened to leases, by event',
      labelNames: ['event'],
      registers,
    }),
    jobs: new Counter({
      name: 'millrace_matcher_jobs_total',
      help: 'Jobs, by the state that they came to',
      labelNames: ['state'],
      registers,
    }),
    head: new Gauge({ name: 'millrace_matcher_head_block', help: 'Newest block that was read', registers }),
    reorganisations: new Counter({
      name: 'millrace_matcher_reorganisations_total',
      help: 'Times that blocks were taken back',
      registers,
    }),
    streams: new Gauge({ name: 'millrace_matcher_streams', help: 'Open streams of events', registers }),
    blobBytes: new Gauge({ name: 'millrace_matcher_blob_bytes', help: 'Bytes in the blob store', registers }),
  }
}

export type Metrics = ReturnType<typeof makeMetrics>
