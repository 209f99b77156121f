import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildProgram, commit, decodeOutput, MAX_FUEL } from '@millrace/machine'
import { createRunner, openTracer, type Runner } from '@millrace/runner'
import { leaseIdOf, leastDispute, type Terms, ticketHash } from '@millrace/sdk'
import type { Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleWasi, HELLO } from '../../../../runner/src/fixtures/programs.ts'
import { createExposure } from '../defence/exposure.ts'
import type { OpenTrace } from '../defence/source.ts'
import { type Desk, domain, INPUT, jobLease, KEY, openDesk, PROGRAM, silent } from '../fixtures/desk.ts'
import { terms } from '../fixtures/terms.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { DiskFullError } from '../journal/open.ts'
import { createLeases } from '../leases.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { processKey } from './serve.ts'

let runner: Runner
beforeAll(() => {
  runner = createRunner({ maxJobs: 1, maxWarm: 4, memoryPages: 16_384, cpuShare: 1, wallMs: 10_000 })
})
afterAll(() => runner.close())

let folder: string
let journal: Journal
let stop: AbortController
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-agent-'))
  journal = openJournal(folder)
  stop = new AbortController()
})
afterEach(() => {
  stop.abort()
  journal.close()
  rmSync(folder, { recursive: true })
})

const NONE: ReadonlySet<Hex> = new Set()
const disputedByProof = `0x${'5c'.repeat(32)}` as const
let quiet: () => Promise<void>
beforeEach(() => {
  quiet = async () => {}
})
const openTrace: OpenTrace = (source) =>
  openTracer({ ...source, memoryPages: 16_384, dir: join(folder, 'traces') })

const openInbox = (
  { matcher, chain }: Desk,
  options: { lie?: boolean; memoryPages?: number } = {},
  kept = journal,
): Inbox => {
  const { lie = false, memoryPages = 16_384 } = options
  const leases = createLeases({ journal, matcher, chain, key: KEY })
  const provable = new Set([disputedByProof])
  const deps = {
    journal: kept,
    matcher,
    chain,
    runner,
    leases,
    domain,
    memoryPages,
    leastTime: 2n,
    provable,
    exposure: createExposure({ journal: kept, provable, places: 1 }),
    quiet,
    ...(lie && { lie: openTrace }),
    log: silent,
  }
  return createInbox(deps, () => {}, stop.signal)
}

/** Brings one job to its end. */
const serve = async (
  desk: Desk,
  view: ReturnType<typeof jobLease>['view'],
  options?: { lie?: boolean; memoryPages?: number },
) => {
  const inbox = openInbox(desk, options)
  inbox.take(view)
  await inbox.drain()
  return inbox
}

describe('a job', () => {
  it('is accepted, run, journaled and told, with the close of its lease', async () => {
    const { terms, lease, view } = jobLease()
    const desk = openDesk(terms)
    const inbox = await serve(desk, view)

    expect(desk.told.accepted).toEqual([view.id])
    const [posting] = desk.told.results
    expect(new TextDecoder().decode(decodeOutput(posting!.output!).stdout)).toBe('hello')
    const { result } = posting!
    expect(result).toMatchObject({ ticket: view.id, status: 0, output: commit(posting!.output!) })
    expect(posting!.close).toEqual({
      lease,
      owed: terms.retainer + (terms.price * result.fuelUsed) / 10n ** 9n,
      until: terms.end,
    })
    expect(journal.job(view.id)).toMatchObject({ state: 'ran', told: true })
    expect(inbox.status()).toEqual({ running: 0, ran: 1, declined: 0 })
    expect([PROGRAM, commit(INPUT)].map((root) => journal.blob(root))).toEqual([HELLO, INPUT])
  })

  it('is promised only once its program and input are kept to defend it with', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    const full = { ...journal }
    let refused = 0
    full.keepBlob = (...blob) => {
      expect(desk.told.accepted).toEqual([])
      if (refused++ < 2) throw new DiskFullError(folder)
      journal.keepBlob(...blob)
    }
    const inbox = openInbox(desk, {}, full)
    inbox.take(view)
    await inbox.drain()
    expect(desk.told).toMatchObject({ accepted: [view.id], results: [{ result: { status: 0 } }] })
    expect([PROGRAM, commit(INPUT)].map((root) => journal.blob(root))).toEqual([HELLO, INPUT])
  })

  it('that traps is told with why, in the engine’s words', async () => {
    const trapping = assembleWasi('(func (export "_start") (call $say) unreachable)')
    const programRoot = buildProgram(trapping).root
    const { terms, view } = jobLease({ programRoot })
    const desk = openDesk(terms)
    desk.facts.blobs.set(programRoot, trapping)
    await serve(desk, view)
    expect(desk.told.results).toMatchObject([{ result: { status: 1 }, trap: 'unreachable' }])
    expect(desk.told.results[0]!.result).not.toHaveProperty('trap')
  })

  it('is told again, unchanged, to a matcher that has lost it', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    const inbox = await serve(desk, view)
    inbox.take(view)
    await inbox.drain()
    expect(desk.told.results).toHaveLength(1)
    inbox.recover(view)
    await expect.poll(() => desk.told.results.length).toBe(2)
    expect(desk.told.results[1]).toEqual(desk.told.results[0])
  })

  it('waits for a matcher that is away', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    desk.facts.failures = 2
    const inbox = openInbox(desk)
    inbox.take(view)
    await expect.poll(() => desk.told.results.length, { timeout: 10_000 }).toBe(1)
    await inbox.drain()
  })

  it('lies where it is told to: the result of a run that was altered, which the journal can alter again', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    await serve(desk, view, { lie: true })
    const [{ result, output }] = desk.told.results as [(typeof desk.told.results)[number]]
    expect(result.output).toBe(commit(output!))
    const tamper = journal.tamper(view.id)!
    const { fuel, outputMax } = view.ticket.job
    const again = await openTrace({ program: HELLO, input: INPUT, fuel, outputMax, tamper })
    const { status, fuelUsed } = result
    expect(await again.ending()).toMatchObject({ status, fuelUsed, output: result.output })
    await again.close()
    const honest = openDesk(terms)
    journal.close()
    rmSync(join(folder, 'agent.sqlite'))
    journal = openJournal(folder)
    await serve(honest, view)
    expect(honest.told.results[0]!.result).not.toEqual(result)
    expect(journal.tamper(view.id)).toBeUndefined()
  })

  it('is given its program anew where a process has it and the journal does not', async () => {
    const { terms, view } = jobLease()
    await serve(openDesk(terms), view)
    journal.close()
    rmSync(join(folder, 'agent.sqlite'))
    journal = openJournal(folder)
    expect(runner.isWarm(processKey(view.lease, PROGRAM))).toBe(true)
    const desk = openDesk(terms)
    await serve(desk, view)
    expect(desk.told.results).toHaveLength(1)
    expect(journal.blob(PROGRAM)).toEqual(HELLO)
  })

  it('begins when no game needs the machine', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    const game = Promise.withResolvers<void>()
    quiet = () => game.promise
    const inbox = openInbox(desk)
    inbox.take(view)
    await expect.poll(() => journal.job(view.id)?.state).toBe('taken')
    expect(desk.told.accepted).toEqual([])
    game.resolve()
    await inbox.drain()
    expect(desk.told.results).toHaveLength(1)
  })
})

describe('a job that cannot be served is declined, without an acceptance', () => {
  const wrong = new TextEncoder().encode('something else')
  const other = assembleWasi('(func (export "_start") (call $say) (call $say))')
  const missing = `0x${'ee'.repeat(32)}` as const

  it.each<[string, Parameters<typeof jobLease>[0], (desk: Desk) => void, { memoryPages?: number }]>([
    ['input-missing', { input: missing }, () => {}, {}],
    ['program-missing', { programRoot: missing }, () => {}, {}],
    ['input-mismatch', {}, ({ facts }) => facts.blobs.set(commit(INPUT), wrong), {}],
    ['program-mismatch', { programRoot: missing }, ({ facts }) => facts.blobs.set(missing, other), {}],
    ['module-refused', { programRoot: missing }, ({ facts }) => facts.blobs.set(missing, wrong), {}],
    ['too-much-memory', {}, () => {}, { memoryPages: 3 }],
    ['output-too-large', { outputMax: 2_000_000 }, () => {}, {}],
    ['wrong-terms', { fuel: 10n ** 11n }, () => {}, {}],
    ['too-much-fuel', { fuel: MAX_FUEL + 1n }, () => {}, {}],
    ['too-late', {}, ({ facts }) => void Object.assign(facts, { now: 1_999n }), {}],
    ['lease-over', {}, ({ facts }) => void Object.assign(facts, { now: 2_000n }), {}],
  ])('%s', async (reason, job, prepare, options) => {
    const { terms, view } = jobLease(job)
    const desk = openDesk(terms)
    prepare(desk)
    await serve(desk, view, options)
    expect(desk.told).toMatchObject({ accepted: [], results: [], declined: [{ job: view.id, reason }] })
    expect(journal.job(view.id)).toMatchObject({ state: 'declined', reason, told: true })
  })

  it('clock, where an arbiter would have the time', async () => {
    const { maxPages } = buildProgram(HELLO).memory
    const least = leastDispute(1_000_000n, maxPages)
    // What the ticket alone tells, and what its program does.
    const known = leastDispute(1_000_000n)
    expect(known).toBeLessThan(least)
    const inLease = (changes: Partial<Terms>) => {
      const { terms, view } = jobLease()
      const changed = { ...terms, scheme: disputedByProof, ...changes }
      const ticket = { ...view.ticket, lease: leaseIdOf(changed) }
      return { terms: changed, view: { ...view, id: ticketHash(ticket), ticket, lease: ticket.lease } }
    }
    for (const [changes, declined] of [
      [{ disputeLimit: known - 1n }, ['clock']],
      [{ disputeLimit: least - 1n }, ['clock']],
      [{ disputeLimit: least }, []],
      [{ disputeLimit: least - 1n, scheme: terms.scheme }, []],
    ] as const) {
      const { terms, view } = inLease(changes)
      const desk = openDesk(terms)
      await serve(desk, view)
      expect(desk.told.declined.map(({ reason }) => reason)).toEqual(declined)
      expect(desk.told.accepted).toHaveLength(1 - declined.length)
    }
  })

  it('forgets wrong bytes: the right ones, when they come, are run', async () => {
    const { terms, view } = jobLease({ outputMax: 999 })
    const desk = openDesk(terms)
    desk.facts.blobs.set(PROGRAM, other)
    await serve(desk, view)
    expect(desk.told.declined).toMatchObject([{ reason: 'program-mismatch' }])
    expect(runner.isWarm(processKey(view.lease, PROGRAM))).toBe(false)
  })

  it('takes no job of a lease that names another key', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk({ ...terms, providerKey: `0x${'88'.repeat(20)}` })
    await serve(desk, view)
    expect(desk.told).toEqual({ accepted: [], declined: [], results: [], closes: [] })
  })

  it('takes no job of a lease that the chain does not know', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    desk.facts.status = 'none'
    const inbox = openInbox(desk)
    inbox.take(view)
    await expect.poll(() => journal.lease(view.lease)?.id).toBe(view.lease)
    expect(journal.job(view.id)).toBeUndefined()
    stop.abort()
    await inbox.drain()
  })
})

describe('a job whose process dies', () => {
  it('is tried once more, and then declined: never a result', async () => {
    const { terms, view } = jobLease()
    const desk = openDesk(terms)
    let tries = 0
    const { use } = runner
    const killer: Runner = {
      ...runner,
      use: (key, work) =>
        use(`${key}:killed`, (session) => {
          tries++
          const run: typeof session.run = (request) => {
            process.kill(session.pid!, 'SIGKILL')
            return session.run(request)
          }
          return work({ ...session, run })
        }),
    }
    const leases = createLeases({ journal, matcher: desk.matcher, chain: desk.chain, key: KEY })
    const inbox = createInbox(
      {
        ...{ journal, matcher: desk.matcher, chain: desk.chain, runner: killer, leases, domain },
        ...{ memoryPages: 16_384, leastTime: 2n, provable: NONE, quiet, log: silent },
        exposure: createExposure({ journal, provable: NONE, places: 1 }),
      },
      () => {},
      stop.signal,
    )
    inbox.take(view)
    await inbox.drain()
    expect(tries).toBe(2)
    expect(desk.told.results).toEqual([])
    expect(desk.told.declined).toEqual([{ job: view.id, reason: 'host-abort' }])
  })
})
