/**
 * A provider's result on a chain with the real contracts, and challengers of it: what the agent's defence is tried with.
 * Nothing is played here but the challengers' side.
 */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildProgram, commit, encodeInput, type Program, run } from '@millrace/machine'
import type { Tamper } from '@millrace/machine/steps'
import {
  challenge,
  deposit,
  type GameEnd,
  hashJob,
  type Job,
  leaseIdOf,
  localTracer,
  type Market,
  type MillraceClient,
  mint,
  type OpenedCase,
  openMatch,
  playGame,
  type Result,
  schemeLeaf,
  schemeProof,
  schemesRoot,
  signResult,
  type Terms,
  type Ticket,
  type Tracer,
  termsOf,
  ticketHash,
} from '@millrace/sdk'
import { type Hex, zeroAddress } from 'viem'
import { expect } from 'vitest'
import { FIRST_FREE_POSITION } from '../../../scripts/stack/development-accounts.ts'
import { marketOf, startChain, type TestChain } from '../../../sdk/test/chain.ts'
import { matchOf } from '../../../sdk/test/orders.ts'
import type { Journal } from '../src/journal/journal.ts'

export const TASKER = 1
export const PROVIDER = 2
/** The first of them. */
export const CHALLENGER = 3
const CHALLENGERS = 10

const WEALTH = 10n ** 12n
const FUEL = 1_000_000n
/** Seconds that a dispute may take. */
export const LIMIT = 3_600n

export interface Arena {
  readonly chain: TestChain
  /** The chain's node over HTTP, for an agent in another process. */
  readonly rpc: string
  readonly market: Market
  client(index: number): MillraceClient
  /** Of a test's account among the development accounts. */
  position(index: number): number
  /** Opens a lease of one job, whose result the provider has signed. */
  commission(module: Uint8Array, options?: { lie?: Lied }): Promise<Commission>
  request<T = unknown>(method: string, params?: unknown[]): Promise<T>
  close(): Promise<void>
}

/** What an altered run came to. */
export interface Lied {
  readonly tamper: Tamper
  readonly status: number
  readonly fuelUsed: bigint
  readonly output: Uint8Array
}

export interface Commission {
  readonly terms: Terms
  readonly lease: Hex
  readonly job: Job
  readonly result: Result
  readonly module: Uint8Array
  readonly input: Uint8Array
  /** Writes it all into an agent's journal, as serving the job would have. */
  journalIn(journal: Journal): void
  /** Contests the result. */
  contest(challenger: number): Promise<OpenedCase>
  /** A run of the job, altered or not. */
  trace(tamper?: Tamper): Promise<Tracer>
}

export async function openArena(): Promise<Arena> {
  const chain = await startChain()
  chain.scheme = {
    ...{ scheme: chain.contracts.proofScheme, arbiter: zeroAddress, arbiterFee: 0n, machineVersion: 3 },
    ...{ taskerShare: 7_000, winnerShare: 1_000 },
  }
  const { token } = chain.contracts
  const client = (index: number) => {
    const made = chain.client(index)
    made.cache.market = Promise.resolve(marketOf(chain.contracts, chain.scheme))
    return made
  }
  for (let index = TASKER; index < CHALLENGER + CHALLENGERS; index++) {
    await mint(client(index), { token, to: chain.account(index).address, amount: 2n * WEALTH })
    await deposit(client(index), { token, amount: WEALTH })
  }
  const request: Arena['request'] = (method, params = []) =>
    chain.publicClient.request({ method, params } as never)
  const server = await serve(request)
  let nonce = 1n

  const commission: Arena['commission'] = async (module, { lie } = {}) => {
    const program = buildProgram(module)
    const input = encodeInput({ args: ['arena'] })
    const job: Job = {
      ...{ programRoot: program.root, input: commit(input), fuel: FUEL, outputMax: 1_000, deadline: 0n },
    }
    const schemes = { schemes: schemesRoot([chain.scheme]) }
    const now = await chain.now()
    const match = await matchOf(
      chain,
      { tasker: TASKER, provider: PROVIDER },
      {
        ask: { nonce, minGrace: 0n, jobFuel: 0n, collateral: 10n ** 12n, ...schemes },
        bid: {
          ...{ nonce, job: hashJob(job), fuel: FUEL, minFuel: FUEL, maxFuel: FUEL, grace: 0n },
          ...{ disputeLimit: LIMIT, window: LIMIT, end: now + 3_000n, scheme: schemeLeaf(chain.scheme) },
        },
        match: {
          ...{ seq: 0n, fuel: FUEL, schemeProof: schemeProof([chain.scheme], chain.scheme) },
        },
      },
    )
    nonce++
    const { receipt } = await openMatch(client(TASKER), { match })
    const { timestamp } = await chain.publicClient.getBlock({ blockNumber: receipt.blockNumber })
    const terms = termsOf(match.ask, match.bid, { ...match, openedAt: timestamp }, chain.domain)
    const lease = leaseIdOf(terms)
    const ticket: Ticket = { lease, index: 0, job }
    const said = lie ?? (await honest(program, input, job))
    const result: Result = {
      ...{ ticket: ticketHash(ticket), status: said.status, fuelUsed: said.fuelUsed },
      output: commit(said.output),
    }
    const resultSignature = await signResult(chain.account(PROVIDER), chain.domain, result)
    const evidence = { ticket, ticketSignature: '0x', result, resultSignature } as const
    return {
      ...{ terms, lease, job, result, module, input },
      journalIn: (journal) => {
        journal.addLease(lease, terms)
        journal.addJob(result.ticket, ticket, undefined)
        journal.keepBlob(job.programRoot, lease, module)
        journal.keepBlob(job.input, lease, input)
        journal.settleResult(result, said.output, 1n, { tamper: lie?.tamper })
      },
      contest: (challenger) => challenge(client(challenger), { terms, scheme: chain.scheme, evidence }),
      trace: (tamper) =>
        localTracer({
          program: module,
          input,
          fuel: FUEL,
          outputMax: job.outputMax,
          ...(tamper && { tamper }),
        }),
    }
  }

  return {
    ...{ chain, client, request, commission, market: marketOf(chain.contracts, chain.scheme) },
    position: (index) => FIRST_FREE_POSITION + index,
    rpc: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await chain.close()
    },
  }
}

/** Plays the challenger's side to the end. */
export async function playChallenger(
  arena: Arena,
  index: number,
  { caseId }: OpenedCase,
  tracer: Tracer,
  signal?: AbortSignal,
): Promise<GameEnd> {
  return playGame(arena.client(index), { caseId, side: 'challenger', tracer, ...(signal && { signal }) })
}

/** Of a program that exits. */
async function honest(program: Program, input: Uint8Array, { fuel, outputMax }: Job) {
  const { status, fuelUsed, output } = await run(program, input, { fuel, outputMax })
  expect(status).toBe('exited')
  return { status: 0, fuelUsed, output }
}

/** A node's HTTP side, as far as a client asks. */
async function serve(request: Arena['request']): Promise<Server> {
  const answer = async ({ method, params }: { method: string; params?: unknown[] }) => {
    try {
      return { result: await request(method, params) }
    } catch (error) {
      const { message, code = -32_000, data } = error as Error & { code?: number; data?: unknown }
      return { error: { message, code, data } }
    }
  }
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { id, ...call } = JSON.parse(Buffer.concat(chunks).toString())
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id, ...(await answer(call)) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
