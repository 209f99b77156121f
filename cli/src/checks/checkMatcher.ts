import { MACHINE_VERSION } from '@millrace/machine'
import { machineAbi } from '@millrace/sdk/abi'
import { type Address, encodeFunctionData } from 'viem'
import { formatElapsed } from '../format/formatTime.ts'
import { type Finding, fail, ok, warn } from './Check.ts'

/** Beyond this, signed requests, which live a minute, are refused as too old or from the future. */
const SKEW_FATAL_MS = 50_000
const SKEW_NOTED_MS = 5_000
const TIMEOUT_MS = 5_000

/** What of the market's description is looked at here; it comes from a stranger, so that each field may be missing. */
interface MarketAnswer {
  readonly chainId?: number
  readonly rpcUrl?: string
  readonly machineVersion?: number
  readonly contracts?: { readonly machine?: Address }
  readonly block?: string | number
}

/** Asks the matcher and the chain that it names. Each finding stands alone: one that fails does not hide the next. */
export async function checkMatcher(url: string, rpcOverride: string | undefined): Promise<Finding[]> {
  const started = Date.now()
  const health = await ask(`${url}/readyz`)
  if (health instanceof Error) {
    const remedy = 'See that it runs (`npm start` for a stack of your own) and that the address is right.'
    return [fail('matcher', `${url} does not answer: ${health.message}`, remedy)]
  }
  const answeredAt = Date.now()
  const findings = [
    health.status === 200
      ? ok('matcher', `${url} answered in ${formatElapsed(answeredAt - started)}`)
      : fail('matcher', `${url} is up but not ready: ${brief(health.text)}`, 'Wait: it recovers by itself.'),
    checkSkew('clock', health.date, (started + answeredAt) / 2),
  ]
  const market = await ask(`${url}/v1/market`)
  const facts = market instanceof Error ? undefined : parse<MarketAnswer>(market.text)
  const rpc = rpcOverride ?? facts?.rpcUrl
  if (rpc === undefined) {
    const remedy =
      'Name a node with --rpc or MILLRACE_RPC; without one only the matcher says what is on chain.'
    return [...findings, warn('chain', 'the matcher names no node of the chain', remedy)]
  }
  const chain = await checkChain(rpc, facts?.chainId)
  const machine = facts?.contracts?.machine
  if (chain.level !== 'ok' || machine === undefined) return [...findings, chain]
  return [...findings, chain, await checkMachine(rpc, machine)]
}

export function checkSkew(name: string, theirs: number, ours: number): Finding {
  const skew = theirs - ours
  const says = `${formatElapsed(Math.abs(skew))} ${skew < 0 ? 'ahead of' : 'behind'} the matcher's`
  const remedy = 'Set the clock: `timedatectl set-ntp true`. Signed requests live for one minute.'
  // The header that carries the time has whole seconds, so that up to one is no skew.
  if (Math.abs(skew) <= SKEW_NOTED_MS) return ok(name, 'agrees with the matcher')
  return Math.abs(skew) >= SKEW_FATAL_MS ? fail(name, says, remedy) : warn(name, says, remedy)
}

/** Whether proofs that are made here are of the machine that stands there. */
async function checkMachine(rpc: string, address: Address): Promise<Finding> {
  const data = encodeFunctionData({ abi: machineAbi, functionName: 'VERSION' })
  const answer = await askNode(rpc, 'eth_call', [{ to: address, data }, 'latest'])
  const version = answer instanceof Error ? undefined : parse<{ result?: string }>(answer.text)?.result
  const says = `${address} makes steps of version ${Number(version)}`
  if (Number(version) === MACHINE_VERSION) return ok('machine', says)
  const remedy = 'It only matters to `trace --prove`. Use the matcher and the command line of one version.'
  if (!Number(version)) return warn('machine', `${address} is no machine's contract`, remedy)
  return warn('machine', `${says}, the command line of version ${MACHINE_VERSION}`, remedy)
}

async function checkChain(rpc: string, wanted: number | undefined): Promise<Finding> {
  const answer = await askNode(rpc, 'eth_chainId', [])
  const remedy = 'See that the node runs, or name another with --rpc or MILLRACE_RPC.'
  if (answer instanceof Error) return fail('chain', `${rpc} does not answer: ${answer.message}`, remedy)
  const id = Number(parse<{ result?: string }>(answer.text)?.result)
  if (!Number.isInteger(id))
    return fail('chain', `${rpc} answers something else: ${brief(answer.text)}`, remedy)
  if (wanted !== undefined && id !== wanted) {
    return fail('chain', `${rpc} is on chain ${id}, the matcher on chain ${wanted}`, remedy)
  }
  return ok('chain', `chain ${id} at ${rpc}`)
}

function askNode(rpc: string, method: string, params: readonly unknown[]): Promise<Reply | Error> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return ask(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}

interface Reply {
  readonly status: number
  readonly text: string
  /** When the other side says it answered, milliseconds since 1970. */
  readonly date: number
}

async function ask(url: string, init: RequestInit = {}): Promise<Reply | Error> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const date = Date.parse(response.headers.get('date') ?? '')
    return {
      status: response.status,
      text: await response.text(),
      date: Number.isNaN(date) ? Date.now() : date,
    }
  } catch (error) {
    const cause = (error as Error).cause
    return cause instanceof Error ? cause : (error as Error)
  }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

const brief = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 160)
