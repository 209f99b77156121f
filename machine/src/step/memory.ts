import { LEAF_BYTES } from '../io/merkle.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { MEMORY_SPACE_LEAVES } from '../state/state.ts'
import { type Handler, trapIf, u32 } from './machine.ts'
import type { Region } from './region.ts'

const MOST_PAGES = 65_536
const NO_ROOM = 0xffff_ffffn

export const MEMORY: Readonly<Record<string, Handler>> = {
  ...accesses(),
  'memory.size': (m, { a }) => m.done(BigInt(m.registers.pages[a & 1]!)),
  'memory.grow': (m, { a, b }) => {
    const { pages } = m.registers
    const before = pages[a & 1]!
    const after = before + u32(m.top)
    if (after > Math.min(b, MOST_PAGES)) return m.done(NO_ROOM)
    pages[a & 1] = after
    m.done(BigInt(before))
  },
}

/** Loads and stores. What they do follows from their names. */
function accesses(): Record<string, Handler> {
  const all: Record<string, Handler> = {}
  for (const { name } of INSTRUCTIONS) {
    const [, type, kind, narrow, sign] = /^[if](32|64)\.(load|store)(8|16|32)?_?([su])?$/.exec(name) ?? []
    if (kind === undefined) continue
    const width = Number(narrow ?? type) / 8
    all[name] = kind === 'store' ? store(width) : load(width, sign === 's', Number(type))
  }
  return all
}

function load(width: number, signed: boolean, bits: number): Handler {
  return (m, { a, b }) => {
    const address = u32(m.top) + b
    trapIf(address + width > m.size(a))
    const value = littleEndian(readBytes(m.opener.memory, a & 1, address, width))
    m.done(signed ? BigInt.asUintN(bits, BigInt.asIntN(8 * width, value)) : value)
  }
}

function store(width: number): Handler {
  return (m, { a, b }) => {
    const value = m.top
    const address = u32(m.second) + b
    trapIf(address + width > m.size(a))
    const bytes = Uint8Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
    writeBytes(m.opener.memory, a & 1, address, bytes)
    m.done()
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** A copy of bytes of a space of the memory region; of two leaves the lower one is opened first. */
export function readBytes(memory: Region, space: number, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = leafOf(memory, space, address + i)[(address + i) % LEAF_BYTES]!
  return bytes
}

export function writeBytes(memory: Region, space: number, address: number, bytes: Uint8Array): void {
  for (const [i, byte] of bytes.entries())
    leafOf(memory, space, address + i)[(address + i) % LEAF_BYTES] = byte
}

function leafOf(memory: Region, space: number, address: number): Uint8Array {
  return memory.open(space * MEMORY_SPACE_LEAVES + Math.floor(address / LEAF_BYTES))
}
