/** The headers of a request that changes something and is not itself a signed document. */
import { type Hex, keccak256, toHex } from 'viem'
import { keyOf, type MillraceClient } from '../client/client.ts'
import { getMarket } from '../client/getMarket.ts'
import { requestDomain } from '../documents/domain.ts'
import { type Request, signRequest } from '../documents/request.ts'

export async function signedHeaders(
  client: MillraceClient,
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(),
): Promise<Record<string, string>> {
  const key = keyOf(client, `${method} ${path}`)
  const { chainId, contracts } = await getMarket(client)
  const document: Request = {
    method,
    path,
    body: keccak256(body),
    issuedAt: BigInt(client.now()),
    nonce: randomNonce(),
  }
  const signature = await signRequest(key, requestDomain(chainId, contracts.leases), document)
  return {
    'millrace-key': key.address,
    'millrace-issued-at': document.issuedAt.toString(),
    'millrace-nonce': document.nonce,
    'millrace-signature': signature,
  }
}

/** Unique, and not to be guessed: from the platform's generator, whatever `client.random` is. */
function randomNonce(): Hex {
  return toHex(crypto.getRandomValues(new Uint8Array(32)))
}
