/** A plain key that signs documents: fast, without a wallet around it. Agents sign every result with one. */
import { type Hex, hashTypedData } from 'viem'
import { addressOfKey, signHash } from './signature.ts'
import type { DocumentSigner } from './signed.ts'

export function signerFromKey(privateKey: Hex): Required<DocumentSigner> {
  return {
    address: addressOfKey(privateKey),
    sign: async ({ hash }) => signHash(privateKey, hash),
    signTypedData: async (typedData) => signHash(privateKey, hashTypedData(typedData)),
  }
}
