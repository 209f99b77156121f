/** Frames on the machine's stack, and the records from which compiled code takes them and in which it leaves them. */
import { STACK } from '../interpret/layout.ts'
import { F32, F64 } from '../wasm/opcodes.ts'
import { SLOT_BYTES } from './records.ts'
import type { FrameShape, Site, Sites } from './sites.ts'

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

/** A frame from which compiled code can go on. */
export interface Frame {
  /** The site's number. */
  readonly number: number
  readonly site: Site
  readonly fp: number
  /** The slot of the link: fp and pc of whoever called. */
  readonly link: bigint
}

const FIRST = STACK / SLOT_BYTES
/** `run` was called by instruction 1. */
const PC_OF_HALT = 2

export class Frames {
  private readonly sites: Sites
  private readonly siteCount: number
  /** The interpreter's memory. */
  private readonly stack: BigUint64Array

  constructor(sites: Sites, siteCount: number, stack: BigUint64Array) {
    this.sites = sites
    this.siteCount = siteCount
    this.stack = stack
  }

  /** All frames, the innermost first, of a machine that is at a site; nothing if it is at none. */
  read(pc: number, fp: number): Frame[] | undefined {
    const frames: Frame[] = []
    for (let at = { pc, fp }; at.pc !== PC_OF_HALT; ) {
      const number = this.sites.resumableAt(at.pc, this.siteCount)
      if (number === undefined) return undefined
      const site = this.sites.at(number)
      const link = this.stack[FIRST + at.fp + this.shapeOf(site).params]!
      frames.push({ number, site, fp: at.fp, link })
      at = { pc: Number(link & 0xffffffffn), fp: Number(link >> 32n) }
    }
    return frames
  }

  /** Puts a frame's parameters, locals and operands where the function that goes on takes them. */
  load({ site, fp }: Frame, record: BigUint64Array): void {
    const { params, locals } = this.shapeOf(site)
    const base = FIRST + fp
    record.set(this.stack.subarray(base, base + params))
    record.set(this.stack.subarray(base + params + 1, base + params + 1 + locals + site.height), params)
  }

  /** Takes a function's results where it left them, to where its frame began. */
  takeResults({ site, fp }: Frame, record: BigUint64Array): Place {
    const { results } = this.shapeOf(site)
    this.stack.set(record.subarray(0, results), FIRST + fp)
    return { pc: 0, sp: fp + results, fp: 0, pending: 0, hasRawNan: false }
  }

  /** Writes frames from their records, the innermost first, onto that of whoever went on. */
  write(records: BigUint64Array, { fp: outermost, link: first }: Frame): Place {
    const { sites } = this
    const found: { site: Site; slots: number }[] = []
    for (let at = 0; at < records.length; ) {
      const site = sites.at(Number(records[at]! >> 1n))
      found.push({ site, slots: at + 1 })
      at += 1 + this.shapeOf(site).types.length
    }
    let [fp, link] = [outermost, first]
    let hasRawNan = false
    let sp = fp
    for (const [i, { site, slots }] of found.toReversed().entries()) {
      const isInnermost = i === found.length - 1
      if (i > 0) fp = sp
      const height = isInnermost ? site.height : site.below
      hasRawNan = this.writeOne(site, records.subarray(slots), { fp, link, height }) || hasRawNan
      const { params, locals } = this.shapeOf(site)
      sp = fp + params + 1 + locals + height
      if (isInnermost) return { pc: site.pc, sp, fp, pending: site.pending, hasRawNan }
      link = (BigInt(fp) << 32n) | BigInt(site.pc)
    }
    throw new Error('compiled code stopped without a record')
  }

  /** @returns whether there is a raw NaN */
  private writeOne(
    site: Site,
    record: BigUint64Array,
    { fp, link, height }: { fp: number; link: bigint; height: number },
  ): boolean {
    const { stack } = this
    const { params, locals, types } = this.shapeOf(site)
    let hasRawNan = false
    const take = (slot: number): bigint => {
      const bits = record[slot]!
      if (isRawNan(bits, types[slot]!)) hasRawNan = true
      return bits
    }
    const base = FIRST + fp
    for (let i = 0; i < params; i++) stack[base + i] = take(i)
    stack[base + params] = link
    for (let i = params; i < params + locals; i++) stack[base + 1 + i] = take(i)
    const first = base + 1 + params + locals
    for (let i = 0; i < height; i++) stack[first + i] = take(site.operandSlots[i]!)
    return hasRawNan
  }

  private shapeOf(site: Site): FrameShape {
    return this.sites.shapes[site.shape]!
  }
}

/** Whether it is a NaN other than the canonical one: what the machine has there is canonical, or was moved there. */
function isRawNan(bits: bigint, type: number): boolean {
  if (type === F32) return (bits & 0x7fffffffn) > 0x7f800000n && bits !== 0x7fc00000n
  if (type !== F64) return false
  return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n && bits !== 0x7ff8000000000000n
}
