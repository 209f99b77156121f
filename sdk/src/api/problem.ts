/** RFC 9457 problem details, with what every Millrace error has: code, facts, remedy, and whether a retry helps. */
import * as z from 'zod'

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    facts: z.record(z.string(), z.unknown()).default({}),
    remedy: z.string(),
    retryable: z.boolean(),
  })
  .meta({ id: 'Problem' })

export type Problem = z.output<typeof problemSchema>
