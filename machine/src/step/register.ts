import { SLOTS } from '../state/state.ts'
import { type Handler, readSlot, trapIf, u32, writeSlot } from './machine.ts'

/** What `register.get` and `register.set` number. */
const FUEL = 0
const STOP = 1
const LAST = 2

export const REGISTER: Readonly<Record<string, Handler>> = {
  'register.get': (m, { b }) => {
    trapIf(b > LAST)
    const { fuel, stop, depth } = m.registers
    m.done(b === FUEL ? fuel : BigInt(b === STOP ? stop : depth))
  },
  'register.set': (m, { b }) => {
    const { registers, top } = m
    trapIf(b > LAST)
    if (b === FUEL) registers.fuel = top
    else if (b === STOP) registers.stop = Number(top & 0xffffn)
    else registers.depth = u32(top)
    m.done()
  },
}

const MOST_GLOBALS = 2 ** 31
const MOST_SEGMENTS = 2 ** 20

export const GLOBAL: Readonly<Record<string, Handler>> = {
  'global.get': (m, { b }) => {
    trapIf(b >= MOST_GLOBALS)
    m.done(readSlot(m.opener.slots, SLOTS.globals + b))
  },
  'global.set': (m, { b }) => {
    trapIf(b >= MOST_GLOBALS)
    const { top } = m
    writeSlot(m.opener.slots, SLOTS.globals + b, top)
    m.done()
  },
  'data.drop': dropOf(SLOTS.dataLengths),
  'elem.drop': dropOf(SLOTS.elementLengths),
}

function dropOf(lengths: number): Handler {
  return (m, { b }) => {
    trapIf(b >= MOST_SEGMENTS)
    writeSlot(m.opener.slots, lengths + b, 0n)
    m.done()
  }
}
