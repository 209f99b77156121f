/** What transactions carried: orders that were matched elsewhere, and the evidence of a challenge. */
import {
  type Ask,
  askStruct,
  type Bid,
  bidStruct,
  fromAbi,
  hashResult,
  resultStruct,
  type Scheme,
  schemeStruct,
  ticketStruct,
} from '@millrace/sdk'
import { disputesAbi, leasesAbi } from '@millrace/sdk/abi'
import { resultSchema, schemeSchema, ticketSchema } from '@millrace/sdk/api'
import { type AbiFunction, decodeFunctionData, type Hex, toFunctionSelector } from 'viem'
import { z } from 'zod'
import type { WireResult, WireScheme, WireTicket } from '../store/wire.ts'

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

/** What a challenge brought along, in the JSON of the API. A claim's leaf has no signatures of its own. */
export interface Papers {
  scheme: WireScheme
  ticket: WireTicket
  result: WireResult
  signatures?: { ticket?: Hex; result: Hex }
}

/** So many places of a transaction's input are tried: it may be made to hold nothing but selectors. */
const MOST_PLACES = 64

const CHALLENGES = ['challenge', 'challengeLeaf'].map((name) => {
  const item = disputesAbi.find((each) => each.type === 'function' && each.name === name)
  return toFunctionSelector(item as AbiFunction).slice(2)
})

/**
 * What was brought along when `result` (its struct hash) was challenged: also where the call came through another
 * contract, as a smart account's does, and where one transaction challenges several. Undefined where the input does
 * not show it.
 */
export function papersIn(input: Hex, result: Hex): Papers | undefined {
  for (const place of placesOf(input)) {
    const call = decode(() => decodeFunctionData({ abi: disputesAbi, data: `0x${input.slice(place)}` }))
    const found = call && papersOf(call)
    if (found && hashResult(found.result) === result) return encodePapers(found)
  }
  return undefined
}

type Call = ReturnType<typeof decodeFunctionData<typeof disputesAbi>>

function papersOf({ functionName, args }: Call) {
  if (functionName === 'challenge') {
    const [, scheme, { ticket, result, ticketSignature, resultSignature }] = args
    // In a job lease the ticket has none.
    const signatures = {
      ticket: ticketSignature === '0x' ? undefined : ticketSignature,
      result: resultSignature,
    }
    return { ...documents(scheme, ticket, result), signatures }
  }
  if (functionName !== 'challengeLeaf') return undefined
  const [, scheme, , ticket, result] = args
  return { ...documents(scheme, ticket, result), signatures: undefined }
}

const documents = (scheme: object, ticket: object, result: object) => ({
  scheme: fromAbi(schemeStruct, scheme),
  ticket: fromAbi(ticketStruct, ticket),
  result: fromAbi(resultStruct, result),
})

function encodePapers({
  scheme,
  ticket,
  result,
  signatures,
}: NonNullable<ReturnType<typeof papersOf>>): Papers {
  return {
    scheme: z.encode(schemeSchema, scheme),
    ticket: z.encode(ticketSchema, ticket),
    result: z.encode(resultSchema, result),
    signatures,
  }
}

/** Where, among the input's hexadecimal digits, a challenge's selector stands. */
function placesOf(input: Hex): number[] {
  const places: number[] = []
  for (const selector of CHALLENGES) {
    for (let at = input.indexOf(selector); at >= 0 && places.length < MOST_PLACES; ) {
      if (at % 2 === 0) places.push(at)
      at = input.indexOf(selector, at + 1)
    }
  }
  return places
}

function decode<T>(decoder: () => T): T | undefined {
  try {
    return decoder()
  } catch {
    return undefined
  }
}
