import { encodeErrorResult, RawContractError } from 'viem'
import { describe, expect, it } from 'vitest'
import { ContractError } from './contracts/contractError.ts'
import { BadSignatureError } from './contracts/leases.ts'
import { MisfitError } from './contracts/orders.ts'
import { CONTRACT_ERRORS } from './contracts/table.ts'
import { decodeRevert, ERRORS_ABI, findRevert, RevertedError } from './revert.ts'

const errors = ERRORS_ABI.filter((item) => item.type === 'error')
const address = `0x${'12'.repeat(20)}` as const
const hash = `0x${'34'.repeat(32)}` as const

const samples: Record<string, unknown> = { address, bytes32: hash, string: 'text' }

describe('every custom error has a class of its own', () => {
  it.each(errors.map((error) => [error.name, error] as const))('%s', (name, error) => {
    const args = error.inputs.map(({ type }) => samples[type] ?? 1n)
    const data = encodeErrorResult({ abi: [error], errorName: name, args })
    const decoded = decodeRevert(data)
    expect(decoded).toBeInstanceOf(ContractError)
    expect(decoded).toBeInstanceOf(CONTRACT_ERRORS[name as keyof typeof CONTRACT_ERRORS])
    expect(decoded.name).toBe(`${name}Error`)
    expect(Object.keys(decoded.facts)).toEqual(error.inputs.map((input) => input.name))
    expect(decoded.message).not.toContain('undefined')
    expect(decoded.remedy).toMatch(/\.$/)
  })

  it('and none is left over', () => {
    expect(Object.keys(CONTRACT_ERRORS).sort()).toEqual([...new Set(errors.map(({ name }) => name))].sort())
  })

  it('keeps codes as they are', () => {
    const codes = [...new Set(errors.map(({ name }) => name))].map((name) => {
      const ErrorClass = CONTRACT_ERRORS[name as keyof typeof CONTRACT_ERRORS]
      return `${name} ${new ErrorClass(facts(name) as never).code}`
    })
    expect(codes.sort()).toMatchSnapshot()
  })
})

describe('a revert is found', () => {
  const args = [7, 100n, 90n] as const
  const data = encodeErrorResult({ abi: ERRORS_ABI, errorName: 'Misfit', args })

  it.each([
    ['at a cause of viem', new Error('outer', { cause: new RawContractError({ data }) })],
    ['wrapped by a node', new Error('outer', { cause: Object.assign(new Error('rpc'), { data: { data } }) })],
  ])('%s', (_, error) => {
    const found = findRevert(error)
    expect(found).toBeInstanceOf(MisfitError)
    expect(found?.facts).toEqual({ limit: 7, ask: 100n, bid: 90n })
    expect(found?.message).toContain('memory: 100 in the ask, 90 in the bid')
    expect(found?.walk()).toBe((error.cause as Error) ?? error)
  })

  it('or is not there', () => {
    expect(findRevert(new Error('the network is away'))).toBeUndefined()
  })
})

describe('a revert that is not ours', () => {
  it('says its reason', () => {
    const text = encodeErrorResult({ abi: [errorString], errorName: 'Error', args: ['no'] })
    expect(decodeRevert(text)).toMatchObject({ code: 'reverted', message: 'The call reverted: no.' })
  })

  it('or shows its data', () => {
    for (const data of ['0x', '0x12345678'] as const) {
      expect(decodeRevert(data)).toBeInstanceOf(RevertedError)
      expect(decodeRevert(data).message).toContain(data)
    }
  })
})

it('an error becomes JSON with decimal strings', () => {
  const error = new BadSignatureError({ digest: hash, key: address, signer: address })
  expect(error.toJSON()).toMatchObject({ code: 'bad-signature', facts: { key: address }, retryable: false })
  expect(
    decodeRevert(encodeErrorResult({ abi: ERRORS_ABI, errorName: 'NothingArrived', args: [address] })).docs,
  ).toBe('docs/ERRORS.md#nothing-arrived')
})

const errorString = { type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] } as const

function facts(name: string): Record<string, unknown> {
  const inputs = errors.find((error) => error.name === name)!.inputs
  return Object.fromEntries(inputs.map(({ name: field, type }) => [field, type === 'string' ? 'text' : 1n]))
}
