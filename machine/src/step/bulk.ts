/** Instructions that move many bytes, each step as many as lie in one leaf of each side. */
import { LEAF_BYTES } from '../io/merkle.ts'
import { SLOTS } from '../state/state.ts'
import { type Handler, type Machine, readSlot, trapIf, u32 } from './machine.ts'
import { readBytes, writeBytes } from './memory.ts'

/** The space of the memory region that holds the contents of data segments. */
const DATA = 2

export const BULK: Readonly<Record<string, Handler>> = {
  'memory.fill': (m, { a }) => {
    const n = u32(m.top)
    const value = m.second
    const d = u32(m.third)
    trapIf(d + n > m.size(a))
    if (n === 0) return m.done()
    const k = Math.min(n, LEAF_BYTES - (d % LEAF_BYTES))
    writeBytes(m.opener.memory, a & 1, d, new Uint8Array(k).fill(Number(value & 0xffn)))
    m.third = low(d + k)
    m.top = BigInt(n - k)
  },
  'memory.copy': (m, { a }) => {
    const [to, from] = [a & 1, (a >> 1) & 1]
    const n = u32(m.top)
    const s = u32(m.second)
    const d = u32(m.third)
    trapIf(d + n > m.size(to) || s + n > m.size(from))
    if (n === 0) return m.done()
    const { memory } = m.opener
    if (d <= s) {
      const k = Math.min(n, LEAF_BYTES - (d % LEAF_BYTES), LEAF_BYTES - (s % LEAF_BYTES))
      writeBytes(memory, to, d, readBytes(memory, from, s, k))
      advance(m, d, s, n, k)
    } else {
      const [endOfTarget, endOfSource] = [d + n, s + n]
      const k = Math.min(n, ((endOfTarget - 1) % LEAF_BYTES) + 1, ((endOfSource - 1) % LEAF_BYTES) + 1)
      writeBytes(memory, to, endOfTarget - k, readBytes(memory, from, endOfSource - k, k))
      m.top = BigInt(n - k)
    }
  },
  'memory.init': (m, { a, b }) => {
    const n = u32(m.top)
    const s = u32(m.second)
    const d = u32(m.third)
    const length = u32(readSlot(m.opener.slots, SLOTS.dataLengths + (a >> 1)))
    trapIf(d + n > m.size(a) || s + n > length)
    if (n === 0) return m.done()
    const source = b + s
    trapIf(source >= 2 ** 32)
    const { memory } = m.opener
    const k = Math.min(n, LEAF_BYTES - (d % LEAF_BYTES), LEAF_BYTES - (source % LEAF_BYTES))
    writeBytes(memory, a & 1, d, readBytes(memory, DATA, source, k))
    advance(m, d, s, n, k)
  },
}

/** What is left to copy, once `k` bytes are: third target, second source, top count. */
export function advance(m: Machine, target: number, source: number, count: number, k: number): void {
  m.third = low(target + k)
  m.second = low(source + k)
  m.top = BigInt(count - k)
}

/** The low 32 bits: an address may have come to the very end of a memory. */
export function low(value: number): bigint {
  return BigInt(value % 2 ** 32)
}
