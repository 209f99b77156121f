/** The front door: one object that runs jobs. */
import type { Address } from 'viem'
import { deposit } from '../actions/deposit.ts'
import { type Funds, getFunds } from '../actions/getFunds.ts'
import { withdraw } from '../actions/transactions.ts'
import type { Market, Token } from '../api/market.ts'
import { accountOf, type ClientOptions, createMillraceClient, type MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import type { SentTransaction } from '../client/transact.ts'
import { UnknownTokenError } from '../errors/client.ts'
import { formatAmount, parseAmount } from '../money.ts'
import type { DepositPolicy } from './funding.ts'
import type { HeldLease } from './lease.ts'
import { type LeaseParameters, openLease } from './openLease.ts'
import type { Verify } from './options.ts'
import { type JobReport, type ResumeParameters, resume, run } from './run.ts'
import type { RunParameters } from './submitJob.ts'

export interface ConnectOptions extends ClientOptions {
  /** The token to pay with; without it, the market's first. */
  token?: Address
  /** For every job: what to do where the escrow holds too little. */
  deposit?: DepositPolicy
  /** For every job: run it again on this machine, and contest a wrong result, with a proof where the scheme takes one. */
  verify?: Verify
}

/** Amounts: base units, or text such as `"0.5 TEST"`. */
export type Price = bigint | string

type Priced<P> = Omit<P, 'maxPrice'> & { maxPrice?: Price }

export interface Millrace {
  /** For the actions: `getJob(millrace.client, { job })`. */
  readonly client: MillraceClient
  readonly market: Market
  readonly token: Token
  /** Runs one job: quotes, signs, waits, checks and pays. */
  run(parameters: Priced<RunParameters>): Promise<JobReport>
  /** Comes back to a job that was left. */
  resume(parameters: ResumeParameters): Promise<JobReport>
  /** Takes a lease for many jobs of one program. */
  lease(parameters: Priced<LeaseParameters>): Promise<HeldLease>
  funds(): Promise<Funds>
  deposit(amount: Price): Promise<SentTransaction & { credited: bigint }>
  withdraw(amount: Price, to?: Address): Promise<SentTransaction>
  /** An amount with its unit. */
  format(amount: bigint): string
}

/** Finds the market and gives what runs jobs on it. */
export async function connect(options: ConnectOptions): Promise<Millrace> {
  const client = createMillraceClient(options)
  const market = await getMarket(client)
  const token = tokenOf(market, options.token)
  const amount = (price: Price): bigint => (typeof price === 'bigint' ? price : parseAmount(price, token))
  const defaults = { token: token.address, deposit: options.deposit, verify: options.verify }
  const priced = <P extends { maxPrice?: Price }>(parameters: P) => ({
    ...defaults,
    ...parameters,
    maxPrice: parameters.maxPrice === undefined ? undefined : amount(parameters.maxPrice),
  })
  return {
    client,
    market,
    token,
    run: (parameters) => run(client, priced(parameters)),
    resume: (parameters) => resume(client, { ...defaults, ...parameters }),
    lease: (parameters) => openLease(client, priced(parameters)),
    funds: () => getFunds(client, { token: token.address }),
    deposit: (price) => deposit(client, { token: token.address, amount: amount(price) }),
    withdraw: (price, to = accountOf(client, 'withdraw').address) =>
      withdraw(client, { token: token.address, amount: amount(price), to }),
    format: (value) => formatAmount(value, token),
  }
}

function tokenOf({ tokens }: Market, wanted?: Address): Token {
  const token = wanted ? tokens.find(({ address }) => address === wanted.toLowerCase()) : tokens[0]
  if (!token) throw new UnknownTokenError({ wanted, tokens: tokens.map(({ address }) => address) })
  return token
}
