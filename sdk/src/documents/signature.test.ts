import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { MalformedSignatureError } from '../errors/signature.ts'
import { documentDomain } from './domain.ts'
import { signerFromKey } from './key.ts'
import { curve as noble } from './secp256k1/noble.ts'
import { curve as wasm } from './secp256k1/wasm.ts'
import { recoverHash, signHash, verifyHash } from './signature.ts'
import { recoverVoucher, signVoucher, verifyVoucher } from './voucher.ts'

const privateKey = keccak256(toHex('a test key'))
const account = privateKeyToAccount(privateKey)
const address = account.address.toLowerCase()
const hash = keccak256('0x1234')
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

describe('the two curves and viem', () => {
  it('sign alike and recover alike', async () => {
    for (let i = 0; i < 16; i++) {
      const digest = keccak256(toHex(i))
      const bytes = Buffer.from(digest.slice(2), 'hex')
      const key = Buffer.from(privateKey.slice(2), 'hex')
      const signature = signHash(privateKey, digest)
      expect(signature).toBe(await account.sign({ hash: digest }))
      const made = [noble.sign(bytes, key), wasm.sign(bytes, key)]
      expect(Buffer.from(made[0]!.compact)).toEqual(Buffer.from(made[1]!.compact))
      expect(made[0]!.parity).toBe(made[1]!.parity)
      const { compact, parity } = made[0]!
      const found = [noble.recover(bytes, compact, parity), wasm.recover(bytes, compact, parity)]
      expect(Buffer.from(found[0]!)).toEqual(Buffer.from(found[1]!))
      expect(recoverHash(digest, signature)).toBe(address)
    }
  })

  it('find nothing in r or s outside the group', () => {
    const digest = Buffer.alloc(32, 1)
    for (const compact of [Buffer.alloc(64), Buffer.alloc(64, 0xff)]) {
      for (const curve of [noble, wasm]) expect(curve.recover(digest, compact, 0)).toBeUndefined()
    }
  })
})

describe('verifyHash', () => {
  const signature = signHash(privateKey, hash)

  it('takes the key with any case of letters', () => {
    expect(verifyHash(account.address, hash, signature)).toBe(true)
    expect(verifyHash(address as `0x${string}`, hash, signature)).toBe(true)
  })

  it('refuses another key, another hash and every changed byte', () => {
    expect(verifyHash('0x0000000000000000000000000000000000000001', hash, signature)).toBe(false)
    expect(verifyHash(account.address, keccak256('0x'), signature)).toBe(false)
    for (let at = 2; at < signature.length; at += 8) {
      const digit = signature[at] === '0' ? '1' : '0'
      const changed = `0x${signature.slice(2, at)}${digit}${signature.slice(at + 1)}` as const
      expect(verifyHash(account.address, hash, changed)).toBe(false)
    }
  })

  it('refuses the malleable twin, v of 0 or 1, and other lengths', () => {
    const s = BigInt(`0x${signature.slice(66, 130)}`)
    const flipped = signature.endsWith('1b') ? '1c' : '1b'
    const twin = `${signature.slice(0, 66)}${(ORDER - s).toString(16).padStart(64, '0')}${flipped}`
    const bare = `${signature.slice(0, 130)}${signature.endsWith('1b') ? '00' : '01'}`
    for (const bad of [twin, bare, signature.slice(0, 130), `${signature}00`, '0x']) {
      expect(verifyHash(account.address, hash, bad as `0x${string}`)).toBe(false)
      expect(() => recoverHash(hash, bad as `0x${string}`)).toThrow(MalformedSignatureError)
    }
  })
})

describe('signing a document', () => {
  const domain = documentDomain(31337, '0x5fbdb2315678afecb367f032d93f642f64180aa3')
  const voucher = { lease: hash, owed: 10n }

  it('gives one signature whatever signs', async () => {
    const byKey = await signVoucher(signerFromKey(privateKey), domain, voucher)
    const byAccount = await signVoucher(account, domain, voucher)
    const { sign: _, ...wallet } = account
    const byWallet = await signVoucher(wallet, domain, voucher)
    const keyWallet = { address: account.address, signTypedData: signerFromKey(privateKey).signTypedData }
    expect([byAccount, byWallet, await signVoucher(keyWallet, domain, voucher)]).toEqual([
      byKey,
      byKey,
      byKey,
    ])
    expect(recoverVoucher(domain, voucher, byKey)).toBe(address)
    expect(verifyVoucher(account.address, domain, voucher, byKey)).toBe(true)
    expect(verifyVoucher(account.address, { ...domain, chainId: 1 }, voucher, byKey)).toBe(false)
  })
})
