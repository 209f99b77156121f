/** What taskers and providers send: signed orders, tickets and results, as JSON. */
import { commit } from '@millrace/machine'
import {
  type Ask,
  type Bid,
  hashJob,
  type Job,
  type Result,
  requestDomain,
  schemeLeaf,
  schemesRoot,
  signAcceptance,
  signAsk,
  signBid,
  signClose,
  signerFromKey,
  signRequest,
  signResult,
  signTicket,
  signVoucher,
  type Ticket,
  ticketHash,
} from '@millrace/sdk'
import {
  askSubmissionSchema,
  bidSubmissionSchema,
  closeSubmissionSchema,
  resultSubmissionSchema,
  ticketSubmissionSchema,
  voucherSubmissionSchema,
} from '@millrace/sdk/api'
import { type Address, type HDAccount, type Hex, keccak256, toHex, zeroAddress, zeroHash } from 'viem'
import { z } from 'zod'
import { keyOf, type TestMarket } from './market.ts'

let nonces = 1n

/** A program that is small enough for a test and that the machine takes: it starts and ends. */
export const PROGRAM = Uint8Array.from(
  Buffer.from(
    '0061736d01000000010401600000030201000503010001071302066d656d6f72790200065f737461727400000a040102000b',
    'hex',
  ),
)

export const INPUT = new TextEncoder().encode('input')
export const OUTPUT = new TextEncoder().encode('an output of a job')

export async function chainTime({ client }: TestMarket): Promise<bigint> {
  const { timestamp } = await client.getBlock()
  const wall = BigInt(Math.floor(Date.now() / 1_000))
  return timestamp > wall ? timestamp : wall
}

export async function makeAsk(market: TestMarket, provider: HDAccount, changes: Partial<Ask> = {}) {
  const now = await chainTime(market)
  const account = provider.address.toLowerCase() as Address
  const ask: Ask = {
    account,
    key: account,
    token: market.contracts.token.toLowerCase() as Address,
    price: 1_000_000n,
    jobFuel: 1_000_000n,
    capacity: 10n ** 13n,
    minFuel: 1n,
    maxFuel: 10n ** 12n,
    collateral: 5_000_000n,
    retainer: 0n,
    claimFee: 10n,
    lateFee: 10n,
    memoryPages: 1_024,
    maxLease: 86_400n,
    minGrace: 0n,
    maxWindow: 86_400n,
    maxDispute: 86_400n,
    schemes: schemesRoot([market.scheme]),
    feeTo: zeroAddress,
    makerFee: 0,
    takerFee: 0,
    expiry: now + 3_600n,
    nonce: nonces++,
    ...changes,
  }
  const signature = await signAsk(signerFromKey(keyOf(provider)), market.domain, ask)
  return { ask, body: z.encode(askSubmissionSchema, { ask, signature, schemes: [market.scheme] }) }
}

export async function makeBid(
  market: TestMarket,
  tasker: HDAccount,
  { job, ...changes }: Partial<Omit<Bid, 'job'>> & { job?: Job } = {},
) {
  const now = await chainTime(market)
  const account = tasker.address.toLowerCase() as Address
  const bid: Bid = {
    account,
    key: account,
    token: market.contracts.token.toLowerCase() as Address,
    maxPrice: 1_500_000n,
    maxJobFuel: 1_000_000n,
    fuel: 1_001_000_000n,
    minFuel: 1_001_000_000n,
    maxFuel: 1_000_000_000n,
    collateral: 1_000_000n,
    maxRetainer: 0n,
    maxClaimFee: 100n,
    minLateFee: 0n,
    memoryPages: 16,
    grace: 60n,
    window: 600n,
    disputeLimit: 600n,
    scheme: schemeLeaf(market.scheme),
    bond: 100_000n,
    end: now + 1_800n,
    attemptTime: 0n,
    store: zeroAddress,
    provider: zeroAddress,
    feeTo: zeroAddress,
    makerFee: 0,
    takerFee: 0,
    attempts: 1,
    job: job ? hashJob(job) : zeroHash,
    expiry: now + 900n,
    nonce: nonces++,
    ...changes,
  }
  // Attempts burn the nonces that follow.
  nonces += BigInt(bid.attempts)
  const signature = await signBid(signerFromKey(keyOf(tasker)), market.domain, bid)
  return { bid, body: z.encode(bidSubmissionSchema, { bid, signature, scheme: market.scheme, job }) }
}

export function makeJob(programRoot: Hex, changes: Partial<Job> = {}): Job {
  return {
    programRoot,
    input: commit(INPUT),
    fuel: 1_000_000_000n,
    outputMax: 4_096,
    deadline: BigInt(Math.floor(Date.now() / 1_000)) + 600n,
    ...changes,
  }
}

export async function makeTicket(market: TestMarket, tasker: HDAccount, ticket: Ticket, input?: Uint8Array) {
  const signature = await signTicket(signerFromKey(keyOf(tasker)), market.domain, ticket)
  return z.encode(ticketSubmissionSchema, { ticket, signature, input: input as never })
}

export async function makeAcceptance(market: TestMarket, provider: HDAccount, ticket: Hex) {
  return { signature: await signAcceptance(signerFromKey(keyOf(provider)), market.domain, { ticket }) }
}

export async function makeResult(
  market: TestMarket,
  provider: HDAccount,
  ticket: Ticket,
  changes: Partial<Omit<Result, 'output'>> & { output?: Uint8Array; owed?: bigint } = {},
) {
  const { output = OUTPUT, owed, ...rest } = changes
  const signer = signerFromKey(keyOf(provider))
  const result: Result = {
    ticket: ticketHash(ticket),
    status: 0,
    fuelUsed: 1_000n,
    output: commit(output),
    ...rest,
  }
  const signature = await signResult(signer, market.domain, result)
  const until = (await chainTime(market)) + 600n
  const close =
    owed === undefined
      ? undefined
      : {
          owed,
          until,
          signature: await signClose(signer, market.domain, { lease: ticket.lease, owed, until }),
        }
  return z.encode(resultSubmissionSchema, { result, signature, output: output as never, close })
}

export async function makeClose(
  market: TestMarket,
  account: HDAccount,
  lease: Hex,
  { owed, until, by }: { owed: bigint; until: bigint; by: 'tasker' | 'provider' },
) {
  const signature = await signClose(signerFromKey(keyOf(account)), market.domain, { lease, owed, until })
  return z.encode(closeSubmissionSchema, { owed, until, signature, by })
}

export async function makeVoucher(market: TestMarket, tasker: HDAccount, lease: Hex, owed: bigint) {
  const signature = await signVoucher(signerFromKey(keyOf(tasker)), market.domain, { lease, owed })
  return z.encode(voucherSubmissionSchema, { owed, signature })
}

export async function signedHeaders(
  market: TestMarket,
  account: HDAccount,
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(),
  changes: { issuedAt?: bigint; nonce?: Hex } = {},
) {
  const document = {
    method,
    path,
    body: keccak256(body),
    issuedAt: BigInt(Date.now()),
    nonce: toHex(crypto.getRandomValues(new Uint8Array(32))),
    ...changes,
  }
  const domain = requestDomain(market.domain.chainId, market.domain.verifyingContract)
  return {
    'millrace-key': account.address,
    'millrace-issued-at': document.issuedAt.toString(),
    'millrace-nonce': document.nonce,
    'millrace-signature': await signRequest(signerFromKey(keyOf(account)), domain, document),
  }
}
