import { type Handler, MOST_SLOTS, trapIf, u32 } from './machine.ts'

export const STACK: Readonly<Record<string, Handler>> = {
  drop: (m) => m.done(),
  select: (m) => {
    const { top, second, third } = m
    m.done(u32(top) !== 0 ? third : second)
  },
  enter: (m, { b }) => {
    trapIf(m.registers.sp + b > MOST_SLOTS)
    m.done()
    m.registers.sp += b
  },
  slide: (m, { a, b }) => {
    const { registers } = m
    trapIf(a + b > registers.sp)
    if (registers.aux < a) {
      const from = registers.sp - a + registers.aux
      m.setSlot(from - b, m.slot(from))
      registers.aux++
    }
    if (registers.aux < a) return
    m.done()
    registers.sp -= b
    registers.aux = 0
  },

  'local.get': (m, { b }) => {
    const { fp, sp } = m.registers
    trapIf(fp + b >= sp)
    m.done(m.slot(fp + b))
  },
  'local.set': (m, { b }) => {
    const { fp, sp } = m.registers
    trapIf(fp + b >= sp - 1)
    m.setSlot(fp + b, m.top)
    m.done()
  },
  'local.tee': (m, { b }) => {
    const { fp, sp } = m.registers
    trapIf(fp + b >= sp)
    m.setSlot(fp + b, m.top)
    m.done()
  },

  const: (m, { immediate }) => m.done(BigInt.asUintN(64, immediate)),
  'const.high': (m, { immediate }) => m.done(BigInt.asUintN(64, immediate << 8n)),
  'const.low': (m, { b }) => m.done(m.top | BigInt(b & 255)),
}
