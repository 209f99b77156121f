import type { MillraceClient } from '@millrace/sdk'
import type { Hex } from 'viem'

/** A blob's bytes as they came, or why there are none. They are a stranger's: nothing here looks into them. */
export async function fetchBlob(client: MillraceClient, root: Hex): Promise<Uint8Array | Error> {
  try {
    const response = await client.fetch(`${client.matcher}/v1/blobs/${root}`, { redirect: 'error' })
    if (!response.ok) return new Error(`the matcher answered ${response.status} for ${root}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    return new Error(`${root} could not be fetched: ${error instanceof Error ? error.message : error}`)
  }
}
