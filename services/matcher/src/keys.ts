/** Keystore files, version 3 (Web3 Secret Storage): how keys come in from outside. */
import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { type Hex, hexToBytes, keccak256, toHex } from 'viem'
import { z } from 'zod'

const hex = z.string().regex(/^(0x)?[0-9a-fA-F]*$/)
const scryptParams = z.object({ n: z.int(), r: z.int(), p: z.int(), dklen: z.int(), salt: hex })
const pbkdf2Params = z.object({ c: z.int(), dklen: z.int(), prf: z.literal('hmac-sha256'), salt: hex })
const keystore = z.object({
  version: z.literal(3),
  crypto: z
    .object({
      cipher: z.literal('aes-128-ctr'),
      ciphertext: hex,
      cipherparams: z.object({ iv: hex }),
      mac: hex,
    })
    .and(
      z.discriminatedUnion('kdf', [
        z.object({ kdf: z.literal('scrypt'), kdfparams: scryptParams }),
        z.object({ kdf: z.literal('pbkdf2'), kdfparams: pbkdf2Params }),
      ]),
    ),
})

/** Scrypt of the hardest usual setting takes 256 MiB. */
const MOST_MEMORY = 512 * 2 ** 20

/** The key in a keystore's JSON. Throws, without any of its contents, where the password does not open it. */
export function unsealKey(json: string, password: string): Hex {
  // ethers and geth write `crypto` and `Crypto`.
  const { crypto } = keystore.parse(lowerKeys(JSON.parse(json)))
  const derived = derive(crypto, password)
  const ciphertext = bytes(crypto.ciphertext)
  const mac = keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext]), 'bytes')
  if (!timingSafeEqual(mac, bytes(crypto.mac))) throw new Error('The password does not open the keystore.')
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), bytes(crypto.cipherparams.iv))
  return toHex(Buffer.concat([decipher.update(ciphertext), decipher.final()]))
}

function derive(crypto: z.output<typeof keystore>['crypto'], password: string): Buffer {
  if (crypto.kdf === 'pbkdf2') {
    const { c, dklen, salt } = crypto.kdfparams
    return pbkdf2Sync(password, bytes(salt), c, dklen, 'sha256')
  }
  const { n, r, p, dklen, salt } = crypto.kdfparams
  return scryptSync(password, bytes(salt), dklen, { N: n, r, p, maxmem: MOST_MEMORY })
}

function bytes(text: string): Uint8Array {
  return hexToBytes(text.startsWith('0x') ? (text as Hex) : `0x${text}`)
}

function lowerKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), lowerKeys(item)]))
}
