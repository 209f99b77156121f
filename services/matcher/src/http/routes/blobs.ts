import { pipeline } from 'node:stream/promises'
import { blobKindSchema, blobViewSchema, bytes32 } from '@millrace/sdk/api'
import { z } from 'zod'
import { tooLarge } from '../../blobs/store.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { type Route, route } from '../route.ts'
import { readSigned } from '../signedRequest.ts'

const byRoot = z.object({ root: bytes32 })

export function blobRoutes(context: Context): Route[] {
  const { blobs, config } = context
  return [
    route({
      method: 'put',
      path: '/v1/blobs/{root}',
      summary: 'Stores a program or data under its root, once its bytes are found to have it',
      params: byRoot,
      query: z.object({ kind: blobKindSchema }),
      answers: { 201: blobViewSchema },
      signed: true,
      async handle({ params, query, raw }, response) {
        const signed = readSigned(context, raw)
        if (Number(raw.get('content-length') ?? 0) > config.blobBytes) throw tooLarge(config.blobBytes)
        const { root, kind, size } = await blobs.take(raw, params.root, query.kind, signed.confirm)
        context.metrics.blobBytes.set(blobs.bytes)
        response.status(201).json({ root, kind, size })
      },
    }),
    route({
      method: 'get',
      path: '/v1/blobs/{root}',
      summary: 'The bytes of a blob',
      params: byRoot,
      answers: { 200: 'The bytes, as application/octet-stream.' },
      async handle({ params, raw }, response) {
        const blob = blobs.get(params.root)
        if (!blob) throw notFound('blob', params.root)
        // Strangers' bytes: never a page, and never guessed to be one.
        response.set({
          'content-type': 'application/octet-stream',
          'content-disposition': 'attachment',
          'content-length': String(blob.size),
          'cache-control': 'public, max-age=31536000, immutable',
          'millrace-kind': blob.kind,
        })
        if (raw.method === 'HEAD') return void response.end()
        await pipeline(await blobs.stream(blob), response)
      },
    }),
  ]
}
