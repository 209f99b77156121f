import { Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { unsealKey } from './keys.ts'

const KEY = `0x${'42'.repeat(32)}`

describe('unsealKey', () => {
  it('opens what other programs seal, and only with its password', async () => {
    const json = await new Wallet(KEY).encrypt('secret', undefined)
    expect(unsealKey(json, 'secret')).toBe(KEY)
    expect(() => unsealKey(json, 'other')).toThrow('does not open')
  })

  // From the Web3 Secret Storage definition: password "testpassword".
  it('opens the published test vector', () => {
    const json = JSON.stringify({
      crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
        ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
        kdf: 'pbkdf2',
        kdfparams: {
          c: 262_144,
          dklen: 32,
          prf: 'hmac-sha256',
          salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
        },
        mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
      },
      version: 3,
    })
    expect(unsealKey(json, 'testpassword')).toBe(
      '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
    )
  })
})
