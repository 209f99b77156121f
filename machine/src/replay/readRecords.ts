/** Makes the machine's stack of the records that compiled code left. */
import { STACK } from '../interpret/layout.ts'
import { F32, F64 } from '../wasm/opcodes.ts'
import { SLOT_BYTES } from './records.ts'
import type { Site, Sites } from './sites.ts'

/** Where the program stopped. */
export interface Place {
  readonly pc: number
  readonly sp: number
  readonly fp: number
  /** Steps that were done there and not counted. */
  readonly pending: number
  /** Whether a slot holds a NaN that the machine may have with other bits. */
  readonly hasRawNan: boolean
}

interface Frame {
  readonly site: Site
  /** Of the record's first slot. */
  readonly slots: number
}

/** `run` was called by instruction 1. */
const PC_OF_CALLER = 2

/**
 * @param records the memory of records, of which those in question stand from `start` to `end`
 * @param machine the interpreter's memory
 */
export function readRecords(
  sites: Sites,
  records: BigUint64Array,
  [start, end]: readonly [number, number],
  machine: BigUint64Array,
): Place {
  const frames: Frame[] = []
  for (let at = start / SLOT_BYTES; at < end / SLOT_BYTES; ) {
    const site = sites.at(Number(records[at]! >> 1n))
    frames.push({ site, slots: at + 1 })
    at += 1 + site.shape.types.length
  }
  const writer = new StackWriter(records, machine)
  let fp = 0
  let link = BigInt(PC_OF_CALLER)
  for (let i = frames.length - 1; i > 0; i--) {
    const frame = frames[i]!
    const next = writer.write(frame, fp, link, frame.site.below)
    link = (BigInt(fp) << 32n) | BigInt(frame.site.pc)
    fp = next
  }
  const [innermost] = frames
  const { pc, pending, height } = innermost!.site
  const sp = writer.write(innermost!, fp, link, height)
  return { pc, sp, fp, pending, hasRawNan: writer.hasRawNan }
}

class StackWriter {
  hasRawNan = false
  private readonly records: BigUint64Array
  private readonly machine: BigUint64Array

  constructor(records: BigUint64Array, machine: BigUint64Array) {
    this.records = records
    this.machine = machine
  }

  /** Writes a frame with so many operands. @returns the slot behind it */
  write({ site, slots }: Frame, fp: number, link: bigint, height: number): number {
    const { records, machine } = this
    const { params, locals, types } = site.shape
    const base = STACK / SLOT_BYTES + fp
    const take = (slot: number): bigint => {
      const bits = records[slots + slot]!
      if (isRawNan(bits, types[slot]!)) this.hasRawNan = true
      return bits
    }
    for (let i = 0; i < params; i++) machine[base + i] = take(i)
    machine[base + params] = link
    for (let i = params; i < params + locals; i++) machine[base + 1 + i] = take(i)
    const first = base + 1 + params + locals
    for (let i = 0; i < height; i++) machine[first + i] = take(site.operandSlots[i]!)
    return fp + 1 + params + locals + height
  }
}

/** Whether it is a NaN other than the canonical one: what the machine has there is canonical, or was moved there. */
function isRawNan(bits: bigint, type: number): boolean {
  if (type === F32) return (bits & 0x7fffffffn) > 0x7f800000n && bits !== 0x7fc00000n
  if (type !== F64) return false
  return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n && bits !== 0x7ff8000000000000n
}
