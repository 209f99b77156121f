/** Programs and data, named by their roots. */
import { buildProgram, commit } from '@millrace/machine'
import type { Hex } from 'viem'
import { type BlobKind, type BlobView, blobViewSchema } from '../api/blob.ts'
import type { MillraceClient } from '../client/client.ts'
import { BlobMismatchError } from '../errors/client.ts'
import { ProblemError } from '../errors/http.ts'
import { readBody, request, requestJson } from '../http/request.ts'
import { signedHeaders } from '../http/signRequest.ts'

interface PutBlobParameters {
  bytes: Uint8Array
  kind: BlobKind
  /** The name, where it is known already. */
  root?: Hex
  signal?: AbortSignal
}

/** The name of a blob. */
export function blobRoot(kind: BlobKind, bytes: Uint8Array): Hex {
  return kind === 'program' ? buildProgram(bytes).root : commit(bytes)
}

/** Uploads a blob, unless the matcher has it. */
export async function putBlob(
  client: MillraceClient,
  { bytes, kind, root: known, signal }: PutBlobParameters,
): Promise<BlobView> {
  const root = known ?? blobRoot(kind, bytes)
  if (await hasBlob(client, { root, signal })) return { root, kind, size: bytes.length }
  const path = `/v1/blobs/${root}?kind=${kind}`
  const headers = async () => ({
    'content-type': 'application/octet-stream',
    ...(await signedHeaders(client, 'PUT', path, bytes)),
  })
  return requestJson(client, path, blobViewSchema, { method: 'PUT', body: bytes, headers, signal })
}

/** Whether the matcher has a blob. */
export async function hasBlob(
  client: MillraceClient,
  { root, signal }: { root: Hex; signal?: AbortSignal },
): Promise<boolean> {
  try {
    await request(client, `/v1/blobs/${root}`, { method: 'HEAD', signal })
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Fetches a blob and checks that the bytes have that name. */
export async function getBlob(
  client: MillraceClient,
  { root, kind, signal }: { root: Hex; kind: BlobKind; signal?: AbortSignal },
): Promise<Uint8Array> {
  const response = await request(client, `/v1/blobs/${root}`, { signal })
  const bytes = new Uint8Array(await readBody(response, () => response.arrayBuffer(), signal))
  const actual = blobRoot(kind, bytes)
  if (actual !== root.toLowerCase()) throw new BlobMismatchError({ wanted: root, actual })
  return bytes
}

/** A HEAD has no body, so that its refusal may come without a problem's code. */
function isMissing(error: unknown): boolean {
  return (
    (error instanceof ProblemError && error.status === 404) ||
    (error as { facts?: { status?: number } }).facts?.status === 404
  )
}
