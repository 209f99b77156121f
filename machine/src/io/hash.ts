/**
 * Keccak-256, the only hash of the protocol, as Solidity's `keccak256` computes it.
 *
 * One Wasm instance is set up when the module loads, so that everything above hashes synchronously: a Merkle
 * root over megabytes needs hundreds of thousands of hashes, and a promise for each would cost more than the
 * hash.
 */
import { createKeccak } from 'hash-wasm'

/** Bytes as `0x…` in lower case. */
export type Hex = `0x${string}`

const hasher = await createKeccak(256)

/** The 32-byte keccak-256 of `bytes`. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest('binary')
}

/** The keccak-256 of a UTF-8 string: how domain tags are made. */
export function keccakOfText(text: string): Uint8Array {
  return keccak256(new TextEncoder().encode(text))
}

/** Lower-case hex with the `0x` prefix. */
export function toHex(bytes: Uint8Array): Hex {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return `0x${hex}`
}
