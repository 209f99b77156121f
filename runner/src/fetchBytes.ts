/**
 * Fetches bytes without looking into them. The SDK's `getBlob` derives a program's root here, in the process that
 * holds the keys; strangers' programs are first looked into in the limited one.
 */
import { type MillraceClient, NetworkError } from '@millrace/sdk'

/** The bytes cannot be had, now or at all. */
export class BlobUnavailableError extends Error {
  override readonly name = 'BlobUnavailableError'
  readonly code = 'blob-unavailable'
  readonly retryable: boolean

  constructor(path: string, why: string, retryable: boolean) {
    super(`${path}: ${why}.`)
    this.retryable = retryable
  }
}

/** A stalled download holds a job's place. */
const TIMEOUT_MS = 60_000

export async function fetchBytes(client: MillraceClient, path: string, most: number): Promise<Uint8Array> {
  const url = `${client.matcher}${path}`
  try {
    // Blobs come by content from the matcher alone: a redirect could point anywhere, inside included.
    const response = await client.fetch(url, {
      // What is sent is what is counted: a few bytes must not unpack to many.
      headers: { 'accept-encoding': 'identity' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) {
      const passing = response.status >= 500 || response.status === 429
      throw new BlobUnavailableError(path, `the matcher answered ${response.status}`, passing)
    }
    const encoding = response.headers.get('content-encoding') ?? 'identity'
    if (encoding !== 'identity') {
      await response.body?.cancel()
      throw new BlobUnavailableError(path, `it came packed (${encoding})`, false)
    }
    return await readUpTo(response, path, most)
  } catch (error) {
    if (error instanceof BlobUnavailableError) throw error
    throw new NetworkError({ url }, error)
  }
}

async function readUpTo(response: Response, path: string, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > most) throw new BlobUnavailableError(path, `it is larger than ${most} bytes`, false)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
