import { toHex } from '@millrace/machine'
import type { ProvenStep } from '@millrace/machine/steps'
import { verifyStep } from '@millrace/machine/steps'
import { createMillraceClient, getMarket } from '@millrace/sdk'
import { machineAbi } from '@millrace/sdk/abi'
import {
  type Address,
  BaseError,
  createPublicClient,
  encodeFunctionData,
  type Hex,
  http,
  type PublicClient,
} from 'viem'
import { matcherUrl } from '../config/settings.ts'
import { CliError } from '../failures/CliError.ts'
import { parseAddress } from '../parse/parseAddress.ts'
import type { GlobalOptions, Session } from '../terminal/Session.ts'

export interface ChainOptions extends GlobalOptions {
  rpc?: string
  machine?: string
}

/** What a proof was checked with. */
export interface CheckedProof {
  readonly state: Hex
  readonly next: Hex
  readonly witness: Uint8Array
  /** The contract that came to the same next state, and the gas of the whole transaction. */
  readonly contract?: { readonly address: Address; readonly rpc: string; readonly gas: bigint }
  /** Why there was no contract to ask. */
  readonly unasked?: string
}

/** Where the machine's contract is. */
interface Place {
  readonly rpc: string
  readonly address: Address
}

/**
 * Checks a proof by the verifier here and, where a chain is named, by the machine's contract.
 *
 * @throws {CliError} `proof-differs` where one of them does not come to the same next state
 */
export async function checkProof(
  session: Session,
  options: ChainOptions,
  proven: ProvenStep,
): Promise<CheckedProof> {
  const { witness } = proven
  const [state, next] = [toHex(proven.state), toHex(proven.next)]
  expectNext('the verifier here', next, toHex(verifyStep(proven.state, witness)))
  const place = await findMachine(session, options)
  if ('unasked' in place) return { state, next, witness, ...place }
  const gas = await askMachine(place, { state, next, witness: toHex(witness) })
  return { state, next, witness, contract: { ...place, gas } }
}

/** What the options name, else what the market does. */
async function findMachine(session: Session, options: ChainOptions): Promise<Place | { unasked: string }> {
  const rpc = options.rpc ?? session.env.MILLRACE_RPC
  const named = options.machine === undefined ? undefined : parseAddress(options.machine, '--machine')
  if (rpc !== undefined && named !== undefined) return { rpc, address: named }
  try {
    const market = await getMarket(createMillraceClient({ matcher: matcherUrl(session, options) }))
    const place = { rpc: rpc ?? market.rpcUrl, address: named ?? market.contracts.machine }
    if (place.rpc === undefined) return { unasked: 'the matcher names no node of its chain; --rpc does' }
    if (place.address === undefined)
      return { unasked: 'the matcher names no machine on its chain; --machine does' }
    return { rpc: place.rpc, address: place.address }
  } catch (error) {
    // Who asked for a contract wants to know; who did not has the verifier's word.
    if (rpc !== undefined || named !== undefined || options.matcher !== undefined) throw error
    return { unasked: `no chain is at hand: ${(error as Error).message}` }
  }
}

/** @returns gas of the step as a transaction */
async function askMachine(
  { rpc, address }: Place,
  { state, next, witness }: { state: Hex; next: Hex; witness: Hex },
): Promise<bigint> {
  const client = createPublicClient({ transport: http(rpc) })
  const call = { address, abi: machineAbi, functionName: 'step', args: [state, witness] } as const
  try {
    const answer = await client.readContract(call)
    expectNext(`the contract ${address}`, next, answer)
    return await client.estimateGas({ to: address, data: encodeFunctionData(call) })
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    throw await explainChain(client, { rpc, address }, error)
  }
}

/** Tells a node that is away from a contract that is not the machine's, or refuses. */
async function explainChain(
  client: PublicClient,
  { rpc, address }: Place,
  cause: BaseError,
): Promise<CliError> {
  const code = await client.getCode({ address }).catch(() => null)
  if (code === null) {
    return new CliError(
      'chain-unavailable',
      `The node ${rpc} does not answer as it should: ${reasonIn(cause)}`,
      {
        remedy: 'See that it runs, or name another with --rpc or MILLRACE_RPC.',
        retryable: true,
        cause,
      },
    )
  }
  if (code === undefined) {
    return new CliError('bad-value', `There is no contract at ${address}.`, {
      remedy: 'Name the machine\u2019s with --machine; `npm start` puts one on its own chain.',
      facts: { rpc, address },
      cause,
    })
  }
  return new CliError('proof-differs', `The contract ${address} refuses the step: ${reasonIn(cause)}`, {
    remedy: REMEDY,
    facts: { rpc, address },
    cause,
  })
}

/** A revert's reason stands on a line of its own. */
const reasonIn = ({ shortMessage }: BaseError) => shortMessage.split('\n').at(-1)!

const REMEDY =
  'See that the contract is of this version of the machine. If it is, two implementations disagree: please report that.'

function expectNext(who: string, next: Hex, given: Hex): void {
  if (given === next) return
  throw new CliError('proof-differs', `By ${who}, another state follows.`, {
    remedy: REMEDY,
    facts: { next, given },
  })
}
