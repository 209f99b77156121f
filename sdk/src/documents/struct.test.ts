import fc from 'fast-check'
import { hashStruct, hashTypedData } from 'viem'
import { describe, expect, it } from 'vitest'
import { arbitraryOf } from '../../test/arbitrary.ts'
import { askStruct } from './ask.ts'
import { bidStruct } from './bid.ts'
import { documentDomain, requestDomain } from './domain.ts'
import { requestStruct } from './request.ts'
import { resultStruct } from './result.ts'
import { schemeStruct } from './scheme.ts'
import { encodeType, fromAbi, structDigest, structHash, typedDataOf } from './struct.ts'
import { termsStruct } from './terms.ts'
import { ticketStruct } from './ticket.ts'

const domain = documentDomain(31337, '0x5fbdb2315678afecb367f032d93f642f64180aa3')
const structs = [askStruct, bidStruct, termsStruct, ticketStruct, resultStruct, requestStruct]

describe('the struct encoder agrees with viem', () => {
  it.each(structs.map((struct) => [struct.name, struct] as const))('%s', (_, struct) => {
    fc.assert(
      fc.property(arbitraryOf(struct), (document) => {
        const typed = typedDataOf(struct, domain, document)
        expect(structDigest(struct, domain, document)).toBe(hashTypedData(typed))
        const { types, primaryType, message } = typed
        expect(structHash(struct, document)).toBe(hashStruct({ data: message, types, primaryType }))
      }),
      { numRuns: 30 },
    )
  })

  it('names nested structs after the outer one', () => {
    expect(encodeType(ticketStruct)).toBe(
      'Ticket(bytes32 lease,uint32 index,Job job)' +
        'Job(bytes32 programRoot,bytes32 input,uint64 fuel,uint32 outputMax,uint40 deadline)',
    )
  })

  it('separates requests from documents', () => {
    const request = { method: 'PUT', path: '/', body: hash, issuedAt: 1n, nonce: hash }
    const other = requestDomain(31337, domain.verifyingContract)
    expect(structDigest(requestStruct, domain, request)).not.toBe(structDigest(requestStruct, other, request))
  })
})

const hash = `0x${'ab'.repeat(32)}` as const
const result = { ticket: hash, status: 0, fuelUsed: 1n, output: hash }

describe('what does not fit is refused by name', () => {
  it.each([
    ['an integer over its width', { ...result, status: 256 }, 'Result.status'],
    ['a negative integer', { ...result, fuelUsed: -1n }, 'Result.fuelUsed'],
    ['a fraction', { ...result, status: 0.5 }, 'Result.status'],
    ['short hex', { ...result, output: '0x12' as const }, 'Result.output'],
    ['hex with other letters', { ...result, output: `0x${'zz'.repeat(32)}` as const }, 'Result.output'],
  ])('%s', (_, document, where) => {
    expect(() => structHash(resultStruct, document)).toThrow(where)
  })
})

it('takes decoded ABI values back to documents', () => {
  const checksummed = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
  const scheme = { ...shares, scheme: checksummed, arbiter: checksummed, arbiterFee: 7 }
  const lower = checksummed.toLowerCase()
  expect(fromAbi(schemeStruct, scheme)).toEqual({ ...shares, scheme: lower, arbiter: lower, arbiterFee: 7n })
  expect(fromAbi(ticketStruct, { lease: hash, index: 3n, job: job(5) })).toEqual({
    lease: hash,
    index: 3,
    job: { ...job(5), fuel: 5n, deadline: 5n },
  })
})

const shares = { machineVersion: 1, taskerShare: 5000, winnerShare: 1000 }

function job(n: number) {
  return { programRoot: hash, input: hash, fuel: n, outputMax: n, deadline: n }
}
