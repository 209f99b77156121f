/** Whether two states are one, however their contents are cut into extents. */
import type { Contents, MachineState } from '../state/state.ts'

const LEAF_BYTES = 32
const PAGE_LEAVES = 128
const ZERO = new Uint8Array(LEAF_BYTES * PAGE_LEAVES)

/** Where two states differ: registers, or a region and a leaf; nothing where they do not. */
export function differenceOf(a: MachineState, b: MachineState): string | undefined {
  for (const [name, value] of Object.entries(a.registers)) {
    const other = (b.registers as unknown as Record<string, unknown>)[name]
    if (String(value) !== String(other)) return `${name}: ${value} and ${other}`
  }
  for (const region of ['code', 'stack', 'slots', 'memory', 'output'] as const) {
    const [one, other] = [pagesOf(a[region]), pagesOf(b[region])]
    for (const page of new Set([...one.keys(), ...other.keys()])) {
      const [x, y] = [one.get(page) ?? ZERO, other.get(page) ?? ZERO]
      if (Buffer.compare(x, y) === 0) continue
      const at = x.findIndex((byte, i) => byte !== y[i])
      const slot = (bytes: Uint8Array) => Buffer.from(bytes.subarray(at & -8, (at & -8) + 8)).toString('hex')
      return `${region}, byte ${page * ZERO.length + at}: slot ${slot(x)} and ${slot(y)}`
    }
  }
  return undefined
}

function pagesOf(contents: Contents): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>()
  for (const { leaf, bytes } of contents) {
    for (let at = 0; at < bytes.length; ) {
      const byte = leaf * LEAF_BYTES + at
      const page = Math.floor(byte / ZERO.length)
      const offset = byte % ZERO.length
      const part = bytes.subarray(at, at + ZERO.length - offset)
      const target = pages.get(page) ?? ZERO.slice()
      pages.set(page, target)
      target.set(part, offset)
      at += part.length
    }
  }
  return pages
}
