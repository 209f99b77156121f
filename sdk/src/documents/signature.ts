/**
 * Signatures over digests, as `ECDSA.recover` of the contracts takes them: 65 bytes r ‖ s ‖ v with v 27 or 28
 * and low s. Anything else is refused here too, so that nothing is accepted off chain that fails on chain.
 */
import { keccak256 } from '@millrace/machine'
import { type Address, bytesToHex, type Hex, hexToBytes } from 'viem'
import { curve } from '#secp256k1'
import { MalformedSignatureError } from '../errors/signature.ts'

/** Half of the curve's order: a larger s is the malleable twin of a signature. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** The address that signed `hash`. Throws `MalformedSignatureError` where the bytes are no signature. */
export function recoverHash(hash: Hex, signature: Hex): Address {
  const key = publicKeyFrom(hash, signature)
  if (!key) throw new MalformedSignatureError({ hash, signature })
  return addressOf(key)
}

/** Whether `key` signed `hash`. Never throws: a malformed signature is nobody's. */
export function verifyHash(key: Address, hash: Hex, signature: Hex): boolean {
  const found = publicKeyFrom(hash, signature)
  return found !== undefined && addressOf(found) === key.toLowerCase()
}

/** Signs a digest with a raw private key; deterministic (RFC 6979). */
export function signHash(privateKey: Hex, hash: Hex): Hex {
  const { compact, parity } = curve.sign(hexToBytes(hash), hexToBytes(privateKey))
  return `${bytesToHex(compact)}${parity === 0 ? '1b' : '1c'}`
}

/** The address that signs with `privateKey`. */
export function addressOfKey(privateKey: Hex): Address {
  return addressOf(curve.publicKeyOf(hexToBytes(privateKey)))
}

function publicKeyFrom(hash: Hex, signature: Hex): Uint8Array | undefined {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined
  const bytes = hexToBytes(signature)
  const v = bytes[64]
  if ((v !== 27 && v !== 28) || BigInt(`0x${signature.slice(66, 130)}`) > HALF_ORDER) return undefined
  return curve.recover(hexToBytes(hash), bytes.subarray(0, 64), v === 27 ? 0 : 1)
}

function addressOf(publicKey: Uint8Array): Address {
  return bytesToHex(keccak256(publicKey.subarray(1)).subarray(12))
}
