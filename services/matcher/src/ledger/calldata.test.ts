import {
  challengeCall,
  challengeLeafCall,
  hashResult,
  type Result,
  type Terms,
  type Ticket,
} from '@millrace/sdk'
import { concatHex, encodeFunctionData, type Hex, parseAbi, zeroAddress, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { address, hash, job, scheme } from '../../test/support/orders.ts'
import { papersIn } from './calldata.ts'

const disputes = address(0xd1)
const terms: Terms = {
  ...{ ask: hash(1), bid: hash(2), seq: 0n, tasker: address(1), taskerKey: address(1), provider: address(2) },
  ...{ providerKey: address(2), token: address(3), price: 1n, jobFuel: 0n, fuel: 9n, maxFuel: 9n },
  ...{ collateral: 1n, retainer: 0n, claimFee: 0n, lateFee: 0n, bond: 1n, openedAt: 1n, end: 2n, grace: 0n },
  ...{ window: 4n, disputeLimit: 4n, scheme: hash(4), store: zeroAddress, job: zeroHash },
  ...{ taskerFeeTo: zeroAddress, taskerFee: 0, providerFeeTo: zeroAddress, providerFee: 0 },
}
const ticket: Ticket = { lease: hash(5), index: 3, job }
const resultOf = (fuelUsed: bigint): Result => ({ ticket: hash(6), status: 0, fuelUsed, output: hash(7) })
const evidenceOf = (result: Result) => ({
  ...{ ticket, ticketSignature: '0x1234' as Hex, result, resultSignature: '0x5678' as Hex },
})
const dataOf = (fuelUsed: bigint) =>
  challengeCall({ disputes, terms, scheme, evidence: evidenceOf(resultOf(fuelUsed)) }).data

const account = parseAbi(['function executeBatch(address[] to, bytes[] data)'])

describe('papersIn', () => {
  const result = resultOf(10n)
  const shown = {
    scheme: { arbiterFee: '10' },
    ticket: { index: 3, job: { fuel: job.fuel.toString() } },
    result: { fuelUsed: '10' },
    signatures: { ticket: '0x1234', result: '0x5678' },
  }

  it('reads a challenge', () => expect(papersIn(dataOf(10n), hashResult(result))).toMatchObject(shown))

  it('finds each of several that a smart account makes at once', () => {
    const input = encodeFunctionData({
      abi: account,
      functionName: 'executeBatch',
      args: [
        [disputes, disputes],
        [dataOf(9n), dataOf(10n)],
      ],
    })
    expect(papersIn(input, hashResult(result))).toMatchObject(shown)
    expect(papersIn(input, hashResult(resultOf(9n)))).toMatchObject({ result: { fuelUsed: '9' } })
  })

  it('reads a leaf, which has no signatures', () => {
    const claim = { root: hash(8), sum: 1n, count: 1 }
    const call = challengeLeafCall({ disputes, terms, scheme, claim, ticket, result, path: [] })
    const { signatures: _, ...rest } = shown
    const papers = papersIn(call.data, hashResult(result))
    expect(papers).toMatchObject(rest)
    expect(papers?.signatures).toBeUndefined()
  })

  it('has nothing to say of what is no challenge, or one of another result', () => {
    expect(papersIn(dataOf(9n), hashResult(result))).toBeUndefined()
    expect(papersIn('0x', hashResult(result))).toBeUndefined()
    // Selectors alone, many of them.
    const selector = dataOf(9n).slice(0, 10) as Hex
    expect(papersIn(concatHex(Array(20_000).fill(selector)), hashResult(result))).toBeUndefined()
  })
})
