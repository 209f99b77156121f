/** Contested results over a real program, on a chain in this process. */
import { buildProgram, encodeInput, MACHINE_VERSION, type Program } from '@millrace/machine'
import type { Tamper } from '@millrace/machine/steps'
import { type Hex, zeroAddress } from 'viem'
import { TRACED } from '../../machine/src/testing/tracedProgram.ts'
import { wat } from '../../machine/src/testing/wat.ts'
import { deposit } from '../src/actions/deposit.ts'
import type { KnownCase } from '../src/actions/readCase.ts'
import { challenge, mint, openMatch } from '../src/actions/transactions.ts'
import type { MillraceClient } from '../src/client/client.ts'
import { hashJob } from '../src/documents/job.ts'
import { signResult } from '../src/documents/result.ts'
import type { Scheme } from '../src/documents/scheme.ts'
import { leaseIdOf, termsOf } from '../src/documents/terms.ts'
import { ticketHash } from '../src/documents/ticket.ts'
import type { Side } from '../src/proof/game.ts'
import { localTracer } from '../src/proof/localTracer.ts'
import { readGame } from '../src/proof/readGame.ts'
import type { Tracer } from '../src/proof/tracer.ts'
import { startChain, type TestChain } from './chain.ts'
import { matchOf } from './orders.ts'

export const TASKER = 1
export const PROVIDER = 2
export const CHALLENGER = 3
export const STRANGER = 4

const WEALTH = 10n ** 10n
export const INPUT = encodeInput({ args: ['contested'] })
const FUEL = 10n ** 8n
const OUTPUT_MAX = 2 ** 12

/** Of three levels, so that the provider posts the single steps. It writes lines that follow from all that came before. */
export const SHORT = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory 1 1)
  (data (i32.const 24) "\\0a")
  (func (export "_start") (local $i i32) (local $x i64)
    (local.set $x (i64.const 88172645463325252))
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 9))
    (loop $l
      (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1)))
      (i64.store (i32.const 16) (i64.or (i64.and (i64.shr_u (local.get $x) (i64.const 4))
        (i64.const 0x0f0f0f0f0f0f0f0f)) (i64.const 0x3030303030303030)))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 127)))
        (then (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 500))))))`)

/** The other one is of four levels, so that the challenger posts them. */
export const PROGRAMS = {
  short: buildProgram(SHORT),
  long: TRACED,
} satisfies Record<string, Program>
export type ProgramName = keyof typeof PROGRAMS

export interface Arena {
  chain: TestChain
  /** A run of the program, honest or not. Kept: runs are shared between games. */
  tracer(name: ProgramName, tamper?: Tamper): Promise<Tracer>
  /** A result that the provider signed after such a run, contested. */
  contest(
    name: ProgramName,
    tamper?: Tamper,
  ): Promise<{
    caseId: Hex
    known: KnownCase
    /** The same result by somebody else. */
    again(challenger: number): Promise<Hex>
  }>
  /**
   * Lets the clock of a side that is to lose run out whenever nobody has done anything for a while, until it is stopped.
   * The other side's never does, however slow this machine is.
   */
  hurry(caseId: Hex, loser: Side): () => Promise<void>
}

/** The same chain, for a market whose leaf takes proofs. */
export function withProofs(chain: TestChain): TestChain {
  const scheme: Scheme = {
    ...{ scheme: chain.contracts.proofScheme, arbiter: zeroAddress, arbiterFee: 5n },
    ...{ machineVersion: MACHINE_VERSION, taskerShare: 5_000, winnerShare: 1_000 },
  }
  return { ...chain, scheme }
}

export async function openArena(base?: TestChain): Promise<Arena> {
  const chain = withProofs(base ?? (await startChain()))
  const { scheme } = chain
  const { token } = chain.contracts
  for (const index of [TASKER, PROVIDER, CHALLENGER, STRANGER]) {
    await mint(chain.client(index), { token, to: chain.account(index).address, amount: WEALTH })
    await deposit(chain.client(index), { token, amount: WEALTH })
  }
  const tracers = new Map<string, Promise<Tracer>>()
  const tracer = (name: ProgramName, tamper?: Tamper) => {
    const key = JSON.stringify([name, tamper], (_, value) =>
      typeof value === 'bigint' ? value.toString() : value,
    )
    const limits = { fuel: FUEL, outputMax: OUTPUT_MAX }
    const known =
      tracers.get(key) ?? localTracer({ program: PROGRAMS[name], input: INPUT, ...limits, tamper })
    tracers.set(key, known)
    return known
  }

  let nonce = 1_000n
  async function contest(name: ProgramName, tamper?: Tamper) {
    const { status, fuelUsed, output, last } = await (await tracer(name, tamper)).ending()
    const job = {
      ...{
        programRoot: PROGRAMS[name].root,
        input: last.input,
        fuel: FUEL,
        outputMax: OUTPUT_MAX,
        deadline: 0n,
      },
    }
    nonce += 10n
    const orders = { ask: { nonce }, bid: { nonce, job: hashJob(job) } }
    const match = await matchOf(chain, { tasker: TASKER, provider: PROVIDER }, orders)
    const { receipt } = await openMatch(chain.client(TASKER), { match })
    const { timestamp } = await chain.publicClient.getBlock({ blockNumber: receipt.blockNumber })
    const terms = termsOf(match.ask, match.bid, { ...match, openedAt: timestamp }, chain.domain)
    const ticket = { lease: leaseIdOf(terms), index: 0, job }
    const result = { ticket: ticketHash(ticket), status, fuelUsed, output }
    const resultSignature = await signResult(chain.account(PROVIDER), chain.domain, result)
    const evidence = { ticket, ticketSignature: '0x' as const, result, resultSignature }
    const again = async (challenger: number) =>
      (await challenge(chain.client(challenger), { terms, scheme, evidence })).caseId
    return { caseId: await again(CHALLENGER), known: { terms, scheme, job, result }, again }
  }

  function hurry(caseId: Hex, loser: Side) {
    let running = true
    const client: MillraceClient = chain.client(STRANGER)
    const done = (async () => {
      for (let last = -1n; running; ) {
        await new Promise((resume) => setTimeout(resume, 400))
        const number = await chain.publicClient.getBlockNumber({ cacheTime: 0 })
        const view = await readGame(client, { caseId })
        const isIdle = number === last && view.state !== 'ended' && view.turn === loser && running
        if (isIdle && view.deadline > (await chain.now())) await chain.warp(view.deadline)
        last = number
      }
    })()
    return async () => {
      running = false
      await done
    }
  }
  return { chain, tracer, contest, hurry }
}
