/** The four things that one does with a signed document: hash it, digest it, sign it, find who signed it. */
import type { Address, Hex } from 'viem'
import type { Domain } from './domain.ts'
import { recoverHash, verifyHash } from './signature.ts'
import {
  type DocumentOf,
  type Struct,
  structDigest,
  structHash,
  type TypedData,
  typedDataOf,
} from './struct.ts'

/**
 * Whoever can sign: a viem `LocalAccount` fits as it is, `@millrace/sdk/ethers` adapts an ethers signer. With
 * `sign` the digest is signed directly; without it a wallet is shown the typed data.
 */
export interface DocumentSigner {
  readonly address: Address
  sign?(parameters: { hash: Hex }): Promise<Hex>
  signTypedData(typedData: TypedData): Promise<Hex>
}

export interface SignedDocument<S extends Struct> {
  readonly struct: S
  /** The EIP-712 struct hash: the same on every chain. */
  hash(document: DocumentOf<S>): Hex
  /** What is signed: the struct hash under the domain. */
  digest(domain: Domain, document: DocumentOf<S>): Hex
  sign(signer: DocumentSigner, domain: Domain, document: DocumentOf<S>): Promise<Hex>
  /** The address that signed, whoever it is. Throws `MalformedSignatureError` where the bytes are no signature. */
  recover(domain: Domain, document: DocumentOf<S>, signature: Hex): Address
  /** Whether exactly `key` signed. Faster than `recover` for keys that come back. */
  verify(key: Address, domain: Domain, document: DocumentOf<S>, signature: Hex): boolean
}

export function signedDocument<S extends Struct>(struct: S): SignedDocument<S> {
  return {
    struct,
    hash: (document) => structHash(struct, document),
    digest: (domain, document) => structDigest(struct, domain, document),
    sign: (signer, domain, document) =>
      signer.sign
        ? signer.sign({ hash: structDigest(struct, domain, document) })
        : signer.signTypedData(typedDataOf(struct, domain, document)),
    recover: (domain, document, signature) => recoverHash(structDigest(struct, domain, document), signature),
    verify: (key, domain, document, signature) =>
      verifyHash(key, structDigest(struct, domain, document), signature),
  }
}
