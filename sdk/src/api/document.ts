/** The schemas of the signed documents, made from the tables that their hashes are made from. */
import * as z from 'zod'
import { askStruct } from '../documents/ask.ts'
import { bidStruct } from '../documents/bid.ts'
import { closeStruct } from '../documents/close.ts'
import { deliveredStruct } from '../documents/delivered.ts'
import { jobStruct } from '../documents/job.ts'
import { resultStruct } from '../documents/result.ts'
import { schemeStruct } from '../documents/scheme.ts'
import { type Atom, bitsOf, type DocumentOf, isWide, type Struct } from '../documents/struct.ts'
import { termsStruct } from '../documents/terms.ts'
import { ticketStruct } from '../documents/ticket.ts'
import { voucherStruct } from '../documents/voucher.ts'
import { address, bytes32, smallUint, uint } from './scalar.ts'

/** A document as it travels: bigint as decimal strings. */
export type Wire<T> = T extends bigint ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T

/** The schema of a struct. Unknown fields are refused: what is not signed must not look as if it were. */
export function documentSchema<S extends Struct>(struct: S): DocumentSchema<S> {
  const known = schemas.get(struct)
  if (known) return known as unknown as DocumentSchema<S>
  const fields = Object.entries(struct.fields).map(([field, type]) => [field, fieldSchema(type)])
  const schema = z.strictObject(Object.fromEntries(fields)).meta({ id: struct.name })
  schemas.set(struct, schema)
  return schema as unknown as DocumentSchema<S>
}

export type DocumentSchema<S extends Struct> = z.ZodType<DocumentOf<S>, Wire<DocumentOf<S>>>

/** One schema a struct: an OpenAPI page cannot hold two of one name. */
const schemas = new WeakMap<Struct, z.ZodType>()

function fieldSchema(type: Atom | Struct): z.ZodType {
  if (typeof type !== 'string') return documentSchema(type)
  if (type === 'string') return z.string()
  if (type === 'address') return address
  if (type === 'bytes32') return bytes32
  return isWide(type) ? uint(bitsOf(type)) : smallUint(bitsOf(type))
}

export const jobSchema = documentSchema(jobStruct)
export const askSchema = documentSchema(askStruct)
export const bidSchema = documentSchema(bidStruct)
export const ticketSchema = documentSchema(ticketStruct)
export const resultSchema = documentSchema(resultStruct)
export const deliveredSchema = documentSchema(deliveredStruct)
export const voucherSchema = documentSchema(voucherStruct)
export const closeSchema = documentSchema(closeStruct)
export const schemeSchema = documentSchema(schemeStruct)
export const termsSchema = documentSchema(termsStruct)
