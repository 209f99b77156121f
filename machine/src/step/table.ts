import { SLOTS } from '../state/state.ts'
import { type Handler, type Machine, readSlot, trapIf, u32, writeSlot } from './machine.ts'

const NO_ROOM = 0xffff_ffffn
/** Slots for the contents of all element segments. */
const ELEMENTS = 2 ** 29

export const TABLE: Readonly<Record<string, Handler>> = {
  'table.get': (m, { b }) => {
    const i = u32(m.top)
    m.done(openElement(m, b, i) - 1n)
  },
  'table.set': (m, { b }) => {
    const reference = m.top
    const i = u32(m.second)
    openElement(m, b, i)
    setElement(m, b, i, reference + 1n)
    m.done()
  },
  'table.size': (m, { b }) => m.done(BigInt(sizeOf(m, b))),
  'table.grow': (m, { a, b }) => {
    const { registers } = m
    const n = u32(m.top)
    const size = sizeOf(m, a)
    if (registers.aux === 0 && size + n > Math.min(b, SLOTS.table)) return m.done(NO_ROOM)
    if (registers.aux < n) {
      trapIf(size + registers.aux >= SLOTS.table)
      setElement(m, a, size + registers.aux, m.second + 1n)
      registers.aux++
      return
    }
    setSize(m, a, (size + n) % 2 ** 32)
    m.done(BigInt(size))
    registers.aux = 0
  },
  'table.fill': (m, { b }) => {
    const n = u32(m.top)
    const value = m.second
    const i = u32(m.third)
    trapIf(i + n > sizeOf(m, b))
    if (n === 0) return m.done()
    trapIf(i >= SLOTS.table)
    setElement(m, b, i, value + 1n)
    m.third = BigInt(i + 1)
    m.top = BigInt(n - 1)
  },
  'table.copy': (m, { a }) => {
    const [to, from] = [a, a >> 4]
    const n = u32(m.top)
    const s = u32(m.second)
    const d = u32(m.third)
    const room = sizeOf(m, to)
    const stock = sizeOf(m, from)
    trapIf(d + n > room || s + n > stock)
    if (n === 0) return m.done()
    const upwards = d <= s
    const [source, target] = upwards ? [s, d] : [s + n - 1, d + n - 1]
    trapIf(source >= SLOTS.table || target >= SLOTS.table)
    setElement(m, to, target, readSlot(m.opener.slots, elementAt(from, source)))
    if (upwards) {
      m.third = BigInt(d + 1)
      m.second = BigInt(s + 1)
    }
    m.top = BigInt(n - 1)
  },
  'table.init': (m, { a, b }) => {
    const { slots } = m.opener
    const n = u32(m.top)
    const s = u32(m.second)
    const d = u32(m.third)
    const room = sizeOf(m, a)
    const stock = u32(readSlot(slots, SLOTS.elementLengths + (a >> 4)))
    trapIf(d + n > room || s + n > stock)
    if (n === 0) return m.done()
    trapIf(d >= SLOTS.table || b + s >= ELEMENTS)
    setElement(m, a, d, readSlot(slots, SLOTS.elements + b + s) + 1n)
    m.third = BigInt(d + 1)
    m.second = BigInt(s + 1)
    m.top = BigInt(n - 1)
  },
}

/** An element within the table's size, as its slot has it. */
function openElement(m: Machine, table: number, i: number): bigint {
  trapIf(i >= SLOTS.table)
  const element = readSlot(m.opener.slots, elementAt(table, i))
  trapIf(element === 0n)
  return element
}

function setElement(m: Machine, table: number, i: number, element: bigint): void {
  writeSlot(m.opener.slots, elementAt(table, i), element)
}

function sizeOf(m: Machine, table: number): number {
  return u32(readSlot(m.opener.slots, SLOTS.tableSizes + (table & 15)))
}

function setSize(m: Machine, table: number, size: number): void {
  writeSlot(m.opener.slots, SLOTS.tableSizes + (table & 15), BigInt(size))
}

function elementAt(table: number, i: number): number {
  return SLOTS.tables + (table & 15) * SLOTS.table + i
}
