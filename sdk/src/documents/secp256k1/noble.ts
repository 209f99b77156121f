/** The portable implementation: pure TypeScript, audited, for browsers and their bundlers. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { Curve } from './curve.ts'

export const curve: Curve = {
  sign(digest, privateKey) {
    // 'recovered' puts the recovery id in front of r and s.
    const bytes = secp256k1.sign(digest, privateKey, { prehash: false, format: 'recovered' })
    return { compact: bytes.slice(1), parity: (bytes[0]! & 1) as 0 | 1 }
  },
  recover(digest, compact, parity) {
    try {
      const signature = secp256k1.Signature.fromBytes(compact).addRecoveryBit(parity)
      return signature.recoverPublicKey(digest).toBytes(false)
    } catch {
      return undefined // r or s outside the group, or R not on the curve: no signature at all
    }
  },
  publicKeyOf(privateKey) {
    return secp256k1.getPublicKey(privateKey, false)
  },
}
