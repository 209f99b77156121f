import { Wallet } from 'ethers'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { documentDomain } from './documents/domain.ts'
import { signResult } from './documents/result.ts'
import { recoverTicket, signTicket } from './documents/ticket.ts'
import { accountFromEthers } from './ethers.ts'

const privateKey = keccak256(toHex('a test key'))
const domain = documentDomain(31337, '0x5fbdb2315678afecb367f032d93f642f64180aa3')
const hash = `0x${'ab'.repeat(32)}` as const

describe('an ethers signer', () => {
  it('signs documents as a viem account does, nested ones too', async () => {
    const ethers = await accountFromEthers(new Wallet(privateKey))
    const viem = privateKeyToAccount(privateKey)
    expect(ethers.address).toBe(viem.address)

    const job = { programRoot: hash, input: hash, fuel: 2n ** 63n, outputMax: 1, deadline: 2n ** 40n - 1n }
    const ticket = { lease: hash, index: 7, job }
    const signature = await signTicket(ethers, domain, ticket)
    expect(signature).toBe(await signTicket(viem, domain, ticket))
    expect(recoverTicket(domain, ticket, signature)).toBe(viem.address.toLowerCase())

    const result = { ticket: hash, status: 4, fuelUsed: 1n, output: hash }
    expect(await signResult(ethers, domain, result)).toBe(await signResult(viem, domain, result))
  })
})
