/**
 * Float stores whose values may be raw NaNs go ahead as they are, and some of them are looked at together: their
 * sum is a NaN if one of them is. Then each is stored again, canonical. (The sum of two infinities may be a NaN
 * too, for which storing again changes nothing.) A store that stays alone is looked at where it is.
 *
 * Between a store and the look nothing may see the bytes, all of it within one basic block: an access to memory
 * comes in between only if its address is known to lie beside all those waiting, or is supposed to (`apart.ts`). A
 * trap in between ends the program, and no one reads its memory then.
 */
import { F32, F64, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Addresses } from './addresses.ts'

const EMPTY = 0x40
/** More would be kept in registers for too long. */
export const MOST = 4

/** Bytes that a load or store touches, by opcode. */
const WIDTH: Readonly<Record<number, number>> = Object.fromEntries(
  Object.entries({
    1: [0x2c, 0x2d, 0x30, 0x31, 0x3a, 0x3c],
    2: [0x2e, 0x2f, 0x32, 0x33, 0x3b, 0x3d],
    4: [0x28, 0x2a, 0x34, 0x35, 0x36, 0x38, 0x3e],
    8: [0x29, 0x2b, 0x37, 0x39],
  }).flatMap(([width, ops]) => ops.map((op) => [op, Number(width)])),
)

/** Loads and stores. */
export function isAccess(op: number): boolean {
  return op >= 0x28 && op <= 0x3e
}

/** Instructions that neither touch memory nor end a basic block. */
export function isQuiet(op: number): boolean {
  return (
    (op >= 0x41 && op <= 0xc4) ||
    (op >= OP.localGet && op <= OP.globalSet) ||
    (op >= 0x100 && op <= 0x107) ||
    op === OP.drop ||
    op === OP.select ||
    op === OP.nop
  )
}

interface Waiting {
  readonly address: number
  readonly value: number
  readonly align: number
  readonly offset: number
  readonly origin: number
  readonly added: number
  /** Where the code in place of the store begins and ends. */
  readonly start: number
  readonly end: number
}

export interface RawStoreHost {
  readonly code: Writer
  readonly addresses: Addresses
  /** A local of its own for the n-th waiting store: its address, its value; n = {@link MOST} for the sum. */
  local(type: number, n: number): number
  /** With the local's value on the stack: the canonical NaN in place of any other. */
  writeCanonical(local: number, type: number): void
  /** Whether an access of so many bytes, so far beyond a store whose address has another origin, lies beside it. */
  isApart(origin: number, store: number, distance: number, stored: number, width: number): boolean
}

export class RawStores {
  private readonly host: RawStoreHost
  private readonly waiting: Waiting[] = []
  private type: number = F64
  /** Where the code of the last store ends. */
  private behind = 0
  /** Stores so far, and looks. */
  stores = 0
  looks = 0

  constructor(host: RawStoreHost) {
    this.host = host
  }

  clear(): void {
    this.waiting.length = 0
  }

  get any(): boolean {
    return this.waiting.length > 0
  }

  /** Whether an access with this address operand may touch what is waiting. */
  touches(op: number, operand: number, offset: number): boolean {
    if (!isAccess(op)) return true
    const { addresses } = this.host
    const origin = addresses.originOf(operand)
    const added = addresses.addedTo(operand) + offset
    const width = WIDTH[op]!
    const own = this.type === F64 ? 8 : 4
    return this.waiting.some((other) => {
      // Addresses are within 32 bits, or the access traps.
      const distance = (added - other.added) >>> 0
      if (other.origin !== origin) return !this.host.isApart(origin, other.origin, distance, own, width)
      return distance < own || 2 ** 32 - distance < width
    })
  }

  /** Whether another store of this type can wait with the others. */
  takes(type: number): boolean {
    return this.waiting.length === 0 || (this.waiting.length < MOST && this.type === type)
  }

  /**
   * In place of a store whose address is `operand` and whose value is above it; leaves both for the store.
   * @param size of the store's instruction, which follows
   */
  add(type: number, operand: number, align: number, offset: number, size: number): void {
    const { code, addresses } = this.host
    const n = this.waiting.length
    this.type = type
    this.stores++
    const address = this.host.local(0x7f, n)
    const value = this.host.local(type, n)
    const start = code.length
    code.u8(OP.localSet)
    code.u32(value)
    code.u8(OP.localTee)
    code.u32(address)
    code.u8(OP.localGet)
    code.u32(value)
    const origin = addresses.originOf(operand)
    const added = addresses.addedTo(operand) + offset
    this.waiting.push({ address, value, align, offset, origin, added, start, end: code.length })
    this.behind = code.length + size
  }

  /** Looks at all that wait, right behind the last of them, and stores again what was raw. */
  flush(): void {
    const { code } = this.host
    const { waiting } = this
    this.looks++
    if (waiting.length === 1) this.undo(waiting[0]!)
    else {
      const rest = code.bytes.slice(this.behind, code.length)
      code.length = this.behind
      this.writeLook()
      code.put(OP.if, EMPTY)
      for (const store of waiting) this.writeAgain(store)
      code.u8(OP.end)
      code.copy(rest, 0, rest.length)
    }
    waiting.length = 0
  }

  /** A store that stays alone is looked at where it is, before it. */
  private undo({ value, start, end }: Waiting): void {
    const { code } = this.host
    const rest = code.bytes.slice(end, code.length)
    code.length = start
    code.u8(OP.localTee)
    code.u32(value)
    this.host.writeCanonical(value, this.type)
    code.copy(rest, 0, rest.length)
  }

  /** Leaves whether the sum is a NaN. */
  private writeLook(): void {
    const { code } = this.host
    const isDouble = this.type === F64
    const sum = this.host.local(this.type, MOST)
    for (const [i, { value }] of this.waiting.entries()) {
      code.u8(OP.localGet)
      code.u32(value)
      if (i > 0) code.u8(isDouble ? OP.f64Add : OP.f32Add)
    }
    code.u8(OP.localTee)
    code.u32(sum)
    code.u8(OP.localGet)
    code.u32(sum)
    code.put(isDouble ? OP.f64Ne : OP.f32Ne)
  }

  private writeAgain({ address, value, align, offset }: Waiting): void {
    const { code } = this.host
    const { type } = this
    code.u8(OP.localGet)
    code.u32(address)
    code.u8(OP.localGet)
    code.u32(value)
    this.host.writeCanonical(value, type)
    code.u8(type === F64 ? OP.f64Store : OP.f32Store)
    code.u32(align)
    code.u32(offset)
  }
}

export const STORED_TYPE: Readonly<Record<number, number>> = { [OP.f32Store]: F32, [OP.f64Store]: F64 }
