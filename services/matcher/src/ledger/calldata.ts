/** What transactions carried: orders that were matched elsewhere, and the evidence of a challenge. */
import {
  type Ask,
  askStruct,
  type Bid,
  bidStruct,
  fromAbi,
  resultStruct,
  type Scheme,
  schemeStruct,
  ticketStruct,
} from '@millrace/sdk'
import { disputesAbi, leasesAbi } from '@millrace/sdk/abi'
import { resultSchema, ticketSchema } from '@millrace/sdk/api'
import { decodeFunctionData, type Hex } from 'viem'
import { z } from 'zod'

export interface MatchedOrders {
  ask: Ask
  askSignature: Hex
  bid: Bid
  bidSignature: Hex
  scheme: Scheme
}

/** The matches of an `open` or `openBatch`; none where the call went through another contract. */
export function matchesIn(input: Hex): MatchedOrders[] {
  const call = decode(() => decodeFunctionData({ abi: leasesAbi, data: input }))
  const pairs =
    call?.functionName === 'open' ? [call.args[0]] : call?.functionName === 'openBatch' ? call.args[0] : []
  return pairs.map((pair) => ({
    ask: fromAbi(askStruct, pair.ask),
    askSignature: pair.askSignature,
    bid: fromAbi(bidStruct, pair.bid),
    bidSignature: pair.bidSignature,
    scheme: fromAbi(schemeStruct, pair.scheme),
  }))
}

/** What a `challenge` showed, in the JSON of the API; undefined for other calls. */
export function evidenceIn(input: Hex): unknown {
  const call = decode(() => decodeFunctionData({ abi: disputesAbi, data: input }))
  if (call?.functionName !== 'challenge') return undefined
  const [, , papers] = call.args
  return {
    ticket: z.encode(ticketSchema, fromAbi(ticketStruct, papers.ticket)),
    result: z.encode(resultSchema, fromAbi(resultStruct, papers.result)),
    signatures: {
      // In a job lease the ticket has none.
      ticket: papers.ticketSignature === '0x' ? undefined : papers.ticketSignature,
      result: papers.resultSignature,
    },
  }
}

function decode<T>(decoder: () => T): T | undefined {
  try {
    return decoder()
  } catch {
    return undefined
  }
}
