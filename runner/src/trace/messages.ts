/**
 * What the supervisor and a trace's process say to each other. Bytes travel in the body; integers past 32 bits as
 * decimal strings.
 *
 * | supervisor says | body | process answers | body |
 * | --- | --- | --- | --- |
 * | `open` fuel, outputMax, memoryPages, memoryBytes, tamper | program, input | `opened` or `refused` | |
 * | `statesAt` | steps, eight bytes each | | hashes |
 * | `ending` | | `ending` | |
 * | `output` | | | the output |
 * | `proveAt` step | | | state, next state, witness |
 * | `lookAt` step | | | the view as JSON |
 * | `lie` | | `lie`, or `honest` | |
 * | `findLie` seed | | `tamper`, `ending` and `lie`, or `none` | its output |
 *
 * On the way to an answer the process says `progress` with the number of steps that it has done, and asks itself: `put`
 * with a block, which the supervisor says that it has `kept` or not, and `get` with a block's number, for that block.
 */

export const HASH_BYTES = 32

/** After so many steps every run is over; a grid may reach further. */
export const MOST_STEPS = 2n ** 64n - 1n

const clamp = (step: bigint): bigint => (step > MOST_STEPS ? MOST_STEPS : step)

/** A step as it travels. */
export const stepText = (step: bigint): string => clamp(step).toString()

export function packSteps(steps: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(steps, clamp).buffer)
}

export function unpackSteps(body: Uint8Array): bigint[] {
  return [...new BigUint64Array(body.slice().buffer)]
}

/** Bytes as hex and integers as text, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hexOf(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}

export function hexOf(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}
