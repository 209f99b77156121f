import { SLOTS } from '../state/state.ts'
import { type Handler, type Machine, readSlot, TRAP, trapIf, u32 } from './machine.ts'

const NULL = 1n

export const CONTROL: Readonly<Record<string, Handler>> = {
  unreachable: () => {
    throw TRAP
  },
  br: (m, { b }) => m.goTo(b),
  br_if: (m, { b }) => branch(m, u32(m.top) !== 0, b),
  br_unless: (m, { b }) => branch(m, u32(m.top) === 0, b),
  br_table: (m, { b }) => m.goTo((m.nextPc + Math.min(u32(m.top), b)) % 2 ** 32),

  call: (m, { a, b }) => {
    const { sp } = m.registers
    trapIf(a > sp)
    const { link } = m
    m.goTo(b)
    m.top = link
    m.registers.fp = sp - a
  },
  call_indirect: (m, { a, b }) => {
    const { sp } = m.registers
    const i = u32(m.top)
    trapIf(i >= SLOTS.table || a > sp - 1)
    const element = readSlot(m.opener.slots, SLOTS.tables + ((b >>> 24) & 15) * SLOTS.table + i)
    trapIf(element <= NULL)
    const reference = element - 1n
    trapIf(reference >> 32n !== BigInt(b & 0xff_ffff))
    const { link } = m
    m.goTo(u32(reference))
    m.top = link
    m.registers.fp = sp - 1 - a
  },

  return: (m, { b }) => {
    const { fp, sp } = m.registers
    trapIf(fp + b >= sp)
    follow(m, m.slot(fp + b))
    m.registers.sp = fp
  },
  return_one: (m, { b }) => {
    const { fp, sp } = m.registers
    trapIf(fp + b >= sp)
    const { top } = m
    follow(m, m.slot(fp + b))
    m.setSlot(fp, top)
    m.registers.sp = fp + 1
  },
  return_link: (m) => {
    const link = m.top
    m.done()
    follow(m, link)
  },
}

function branch(m: Machine, taken: boolean, to: number): void {
  if (taken) m.goTo(to)
  else m.done()
}

function follow(m: Machine, link: bigint): void {
  m.registers.fp = Number(link >> 32n)
  m.registers.pc = u32(link)
}
