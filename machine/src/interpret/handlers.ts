/** What each kind of instruction does, as WebAssembly. */
import { I32, I64, NAME } from '../wasm/opcodes.ts'
import { I64_STORE16, I64_STORE32, WASM } from './code.ts'
import { REGISTER, STACK } from './layout.ts'
import type { SequenceWriter } from './sequenceWriter.ts'
import { CONTROL } from './writeControl.ts'
import { writeCopy, writeFill, writeLoad, writeStore } from './writeMemory.ts'
import { writeNumeric } from './writeNumeric.ts'

const MEMORY: Readonly<Record<string, 0 | 1>> = { module: 0, library: 1 }

/** Numbers of WebAssembly's instructions that compute, load or store, by name. */
const NUMBER = new Map(
  NAME.map((name, number) => [name, number] as const).filter(
    ([, number]) =>
      (number >= 0x28 && number <= 0x3e) ||
      (number >= 0x45 && number <= 0xc4) ||
      (number >= 0x100 && number <= 0x107),
  ),
)

/** Writes the instruction of a kind; whether it said itself what comes next. */
export function writeInstruction(to: SequenceWriter, kind: string): boolean {
  const [name, ...memories] = kind.split(' ') as [string, ...string[]]
  const control = CONTROL[kind]
  if (control) return control(to)
  if (memories.length > 0) {
    const [memory, from] = memories.map((memory) => MEMORY[memory]!) as [0 | 1, 0 | 1]
    writeMemory(to, name, memory, from)
  } else if (NUMBER.has(name)) writeNumeric(to, NUMBER.get(name)!)
  else MOVES[kind]!(to)
  return false
}

function writeMemory(to: SequenceWriter, name: string, memory: 0 | 1, from: 0 | 1): void {
  if (name === 'memory.size') {
    to.code.i32(0)
    to.code.load(I32, REGISTER.pages[memory])
    to.pushResult(I32)
  } else if (name === 'memory.fill') writeFill(to, memory)
  else if (name === 'memory.copy') writeCopy(to, memory, from)
  else if (name.includes('load')) writeLoad(to, NUMBER.get(name)!, memory)
  else writeStore(to, NUMBER.get(name)!, memory)
}

function writeSetRegister(to: SequenceWriter, store: (offset: number) => void, address: number): void {
  const { code } = to
  to.settle('address')
  const value = to.pop()
  code.i32(0)
  to.value(value, I64)
  store(address)
  to.change()
}

/** Instructions that only move slots about. */
const MOVES: Readonly<Record<string, (to: SequenceWriter) => void>> = {
  'local.get'(to) {
    to.push({ at: 'frame', index: to.index })
  },
  'global.get'(to) {
    to.push({ at: 'address', index: to.index, further: 0 })
  },
  const(to) {
    to.push({ at: 'immediate', index: to.index, signed: true })
  },
  'const.unsigned'(to) {
    to.push({ at: 'immediate', index: to.index, signed: false })
  },
  'const.wide'(to) {
    to.push({ at: 'address', index: to.index, further: 0 })
  },
  'const.low'(to) {
    const high = to.pop()
    if (high.at === 'address') {
      // The whole constant stands behind its high part.
      to.push({ ...high, further: 8 })
      return
    }
    to.value(high, I64)
    to.value({ at: 'immediate', index: to.index, signed: false }, I64)
    to.code.op(WASM.i64Or)
    to.pushResult(I64)
  },
  'local.set'(to) {
    const value = to.pop()
    to.settle('frame')
    to.frameAddress(to.index)
    to.storeSlot(value, STACK)
    to.change()
  },
  'local.tee'(to) {
    const type = to.topType()
    const local = to.peek(type)
    to.settle('frame')
    to.frameAddress(to.index)
    to.storeSlot({ at: 'temporary', type, local }, STACK)
    to.change()
  },
  'global.set'(to) {
    const value = to.pop()
    to.settle('address')
    to.immediate(to.index)
    to.storeSlot(value, 0)
    to.change()
  },
  'stop.set'(to) {
    writeSetRegister(to, (offset) => to.code.access(I64_STORE16, offset), REGISTER.stop)
  },
  'depth.set'(to) {
    writeSetRegister(to, (offset) => to.code.access(I64_STORE32, offset), REGISTER.depth)
  },
  drop(to) {
    to.pop()
  },
  select(to) {
    const [condition, second, first] = [to.pop(), to.pop(), to.pop()]
    to.value(first, I64)
    to.value(second, I64)
    to.value(condition, I32)
    to.code.op(WASM.select)
    to.pushResult(I64)
  },
}
