import { LEAF_BYTES } from '../io/merkle.ts'
import type { ImagePart, Lowered } from '../lower/lowered.ts'
import { firstRegisters } from '../state/registers.ts'
import { type Contents, type Extent, type MachineState, MEMORY_SPACE_LEAVES, SLOTS } from '../state/state.ts'

/** Of an extent: small, for a segment of one byte may stand in each page of a gigabyte. */
const PAGE_BYTES = 4_096
const SLOTS_OF_LEAF = 4
const SLOT_BYTES = 8

/**
 * The state before a run's first step.
 *
 * @param input the input itself, not its commitment
 */
export function firstState(
  lowered: Lowered,
  input: Uint8Array,
  limits: { readonly fuel: bigint; readonly outputMax: bigint },
): MachineState {
  return {
    registers: firstRegisters(lowered.pages, limits),
    code: extent(0, lowered.code),
    stack: [],
    slots: slotsOf(lowered),
    memory: memoryOf(lowered),
    output: [],
    input,
  }
}

function slotsOf(lowered: Lowered): Contents {
  const sizes = BigUint64Array.from(lowered.tables, ({ elements }) => BigInt(elements.length))
  return [
    ...slotsFrom(SLOTS.globals, lowered.globals),
    ...lowered.tables.flatMap(({ elements }, i) => slotsFrom(SLOTS.tables + i * SLOTS.table, elements)),
    ...slotsFrom(SLOTS.elements, lowered.elements),
    ...slotsFrom(SLOTS.tableSizes, sizes),
    ...slotsFrom(SLOTS.dataLengths, lowered.dataLengths),
    ...slotsFrom(SLOTS.elementLengths, lowered.elementLengths),
  ]
}

function memoryOf({ image, data }: Lowered): Contents {
  const memories = ([0, 1] as const).flatMap((memory) =>
    imageOf(image.filter((part) => part.memory === memory)).map(([page, bytes]) => ({
      leaf: memory * MEMORY_SPACE_LEAVES + (page * PAGE_BYTES) / LEAF_BYTES,
      bytes,
    })),
  )
  return [...memories, ...extent(2 * MEMORY_SPACE_LEAVES, data)]
}

/** Pages that the segments write, in ascending order. Segments may lie far apart, and one over another. */
function imageOf(parts: readonly ImagePart[]): [number, Uint8Array][] {
  const pages = new Map<number, Uint8Array>()
  for (const { address, bytes } of parts) {
    for (let at = 0; at < bytes.length; ) {
      const number = Math.floor((address + at) / PAGE_BYTES)
      const offset = (address + at) % PAGE_BYTES
      const count = Math.min(bytes.length - at, PAGE_BYTES - offset)
      const page = pages.get(number) ?? new Uint8Array(PAGE_BYTES)
      page.set(bytes.subarray(at, at + count), offset)
      pages.set(number, page)
      at += count
    }
  }
  return [...pages].sort(([a], [b]) => a - b)
}

/** Slots as little-endian bytes, whatever the host's order. */
function slotsFrom(first: number, slots: BigUint64Array): Contents {
  const view = new DataView(new ArrayBuffer(slots.length * SLOT_BYTES))
  for (const [i, slot] of slots.entries()) view.setBigUint64(i * SLOT_BYTES, slot, true)
  return extent(first / SLOTS_OF_LEAF, new Uint8Array(view.buffer))
}

/** In whole leaves. */
function extent(leaf: number, bytes: Uint8Array): Extent[] {
  if (bytes.length === 0) return []
  if (bytes.length % LEAF_BYTES === 0) return [{ leaf, bytes }]
  const whole = new Uint8Array(Math.ceil(bytes.length / LEAF_BYTES) * LEAF_BYTES)
  whole.set(bytes)
  return [{ leaf, bytes: whole }]
}
