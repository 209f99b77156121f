/**
 * How values travel in JSON. Each schema's input is the wire, its output what programs work with: `parse` (or
 * `decode`) reads, `z.encode` writes.
 *
 * | value | wire | inside |
 * | --- | --- | --- |
 * | integers above 32 bits: money, fuel, unix seconds | decimal string | bigint |
 * | integers up to 32 bits, unix milliseconds | number | number |
 * | addresses, roots, digests, signatures | 0x-hex | 0x-hex, lower case |
 * | inline bytes | base64 | Uint8Array |
 */
import type { Address, Hex } from 'viem'
import * as z from 'zod'

/** An unsigned integer of `bits` bits that travels as a decimal string. */
export function uint(bits: number) {
  const max = 2n ** BigInt(bits) - 1n
  return z.codec(
    z
      .string()
      .max(max.toString().length)
      .regex(/^(0|[1-9]\d*)$/, 'a decimal integer without sign or zeros in front'),
    z.bigint().min(0n).max(max),
    { decode: (text) => BigInt(text), encode: (value) => value.toString() },
  )
}

/** An unsigned integer of at most 32 bits, a JSON number. */
export function smallUint(bits: number) {
  return z
    .int()
    .min(0)
    .max(2 ** bits - 1)
}

export const address = hexOf(20) as z.ZodType<Address, Address>
export const bytes32 = hexOf(32)
export const signature = z
  .string()
  .max(2 + 2 * 4096)
  .regex(/^0x([0-9a-fA-F]{2})+$/, '0x and hex digits')
  .toLowerCase() as unknown as z.ZodType<Hex, Hex>

/** Base units of a token; wide enough for sums of many uint96. */
export const amount = uint(128)
export const fuel = uint(64)
/** Unix seconds, or a number of seconds. */
export const seconds = uint(40)
/** Unix milliseconds. */
export const milliseconds = z.int().min(0)

/** Bytes inline. */
export const base64 = z.codec(z.base64(), z.instanceof(Uint8Array), {
  decode: (text) => z.util.base64ToUint8Array(text),
  encode: (bytes) => z.util.uint8ArrayToBase64(bytes),
})

function hexOf(bytes: number): z.ZodType<Hex, Hex> {
  const digits = new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`)
  return z.string().regex(digits, `0x and ${bytes} bytes of hex`).toLowerCase() as unknown as z.ZodType<
    Hex,
    Hex
  >
}
