/** Orders as they are stored: in the JSON that arrived, which is the JSON of every view of them. */
import { askSchema, bidSchema, jobSchema, schemeSchema } from '@millrace/sdk/api'
import { z } from 'zod'
import type { orders } from '../store/schema/index.ts'

export const askDocument = z.object({ ask: askSchema, schemes: z.array(schemeSchema) })
export const bidDocument = z.object({ bid: bidSchema, scheme: schemeSchema, job: jobSchema.optional() })

export type OrderRow = typeof orders.$inferSelect
export type AskDocument = z.input<typeof askDocument>
export type BidDocument = z.input<typeof bidDocument>
