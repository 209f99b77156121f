/** What the SDK needs of secp256k1. Two implementations: `wasm.ts` in Node, `noble.ts` everywhere else. */
export interface Curve {
  /** Recoverable signature with low s over a 32-byte digest: r ‖ s and the parity of R. */
  sign(digest: Uint8Array, privateKey: Uint8Array): { compact: Uint8Array; parity: 0 | 1 }
  /** The uncompressed public key (65 bytes), or undefined where there is none. */
  recover(digest: Uint8Array, compact: Uint8Array, parity: 0 | 1): Uint8Array | undefined
  /** The uncompressed public key of a private key. */
  publicKeyOf(privateKey: Uint8Array): Uint8Array
}
