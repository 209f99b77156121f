import * as z from 'zod'
import { bytes32 } from './scalar.ts'

/** A program is named by its program root, data by its commitment. */
export const blobKindSchema = z.enum(['program', 'data'])
export type BlobKind = z.output<typeof blobKindSchema>

/** Answer to `PUT /v1/blobs/:root?kind=`. */
export const blobViewSchema = z
  .object({ root: bytes32, kind: blobKindSchema, size: z.int().min(0) })
  .meta({ id: 'BlobView' })

export type BlobView = z.output<typeof blobViewSchema>
