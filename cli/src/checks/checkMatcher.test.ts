import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MACHINE_VERSION } from '@millrace/machine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkMatcher } from './checkMatcher.ts'

/** What a chain says of the machine's contract; where there is none, a call gives no bytes. */
let version: string
const machine = `0x${'11'.repeat(20)}`

/** A matcher and a node of its chain, as far as `doctor` asks them. */
const server = createServer(async (request, response) => {
  const body = (await request.toArray()).join('')
  const call = body ? (JSON.parse(body) as { method: string; params: [{ to: string }] }) : undefined
  const answers: Record<string, unknown> = { eth_chainId: '0x1', eth_call: version }
  if (call?.method === 'eth_call') expect(call.params[0].to).toBe(machine)
  const rpcUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const market = { chainId: 1, rpcUrl, contracts: { machine } }
  response.end(JSON.stringify(call ? { result: answers[call.method] } : market))
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.close())

const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}`

describe('the machine on chain', () => {
  it.each([
    ['of this version', word(MACHINE_VERSION), 'ok', `version ${MACHINE_VERSION}`],
    [
      'of another version',
      word(MACHINE_VERSION + 1),
      'warn',
      `the command line of version ${MACHINE_VERSION}`,
    ],
    ['of another kind', '0x', 'warn', "no machine's contract"],
  ])('is told to be %s', async (_, said, level, words) => {
    version = said
    const { port } = server.address() as AddressInfo
    const findings = await checkMatcher(`http://127.0.0.1:${port}`, undefined)
    const found = findings.find(({ name }) => name === 'machine')
    expect(found).toMatchObject({ level, says: expect.stringContaining(words) })
  })
})
