import { LEAF_BYTES } from '../io/merkle.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { advance, low } from './bulk.ts'
import { type Handler, type Input, type Machine, trapIf, u32 } from './machine.ts'
import { readBytes, writeBytes } from './memory.ts'

/** The memory that the primitives act on. */
const LIBRARY = 1
/** An input or output is shorter, so that an offset is 32 bits. */
const MOST_BYTES = 2 ** 32

export const PRIMITIVE: Readonly<Record<string, Handler>> = {
  'input.length': (m) => m.done(openInput(m).length),
  'input.read': (m) => {
    const n = u32(m.top)
    const offset = u32(m.second)
    const to = u32(m.third)
    const input = openInput(m)
    trapIf(to + n > m.size(LIBRARY) || offset + n > Number(input.length))
    if (n === 0) return m.done()
    const k = Math.min(n, LEAF_BYTES - (to % LEAF_BYTES), LEAF_BYTES - (offset % LEAF_BYTES))
    const from = offset % LEAF_BYTES
    const bytes = input.leaf(Math.floor(offset / LEAF_BYTES)).slice(from, from + k)
    writeBytes(m.opener.memory, LIBRARY, to, bytes)
    advance(m, to, offset, n, k)
  },
  'output.write': (m) => {
    const { registers } = m
    const n = u32(m.top)
    const from = u32(m.second)
    trapIf(from + n > m.size(LIBRARY) || registers.outputLength >= MOST_BYTES)
    if (n === 0) return m.done()
    if (registers.outputLength >= registers.outputMax) {
      registers.status = MACHINE_STATUS.outputFull
      return
    }
    const length = Number(registers.outputLength)
    const room = Number(registers.outputMax - registers.outputLength)
    const k = Math.min(n, room, LEAF_BYTES - (from % LEAF_BYTES), LEAF_BYTES - (length % LEAF_BYTES))
    const bytes = readBytes(m.opener.memory, LIBRARY, from, k)
    m.opener.output.open(Math.floor(length / LEAF_BYTES)).set(bytes, length % LEAF_BYTES)
    m.second = low(from + k)
    m.top = BigInt(n - k)
    registers.outputLength += BigInt(k)
  },
  halt: (m) => {
    m.registers.status = MACHINE_STATUS.exited
  },
}

function openInput(m: Machine): Input {
  const input = m.opener.openInput()
  trapIf(input.length >= MOST_BYTES)
  return input
}
