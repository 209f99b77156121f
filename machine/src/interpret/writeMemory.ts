/** Instructions on the program's memories. Addresses are checked here: a trap of WebAssembly's would lose the state. */
import { I32, I64, NAME, OPERANDS, RESULT } from '../wasm/opcodes.ts'
import { GUEST_MEMORY, I64_LOAD32_U, type ValueType, WASM } from './code.ts'
import { CODE } from './layout.ts'
import type { SequenceWriter } from './sequenceWriter.ts'
import { LOCAL } from './sequenceWriter.ts'

const LEAF_LOG2 = 5

/** Lengths from which on bulk instructions are not done here: 32 bits are enough for their steps. */
const LONG = 1 << 24

const WIDTH: Readonly<Record<string, number>> = { 8: 1, 16: 2, 32: 4, 64: 8 }

function accessWidth(name: string): number {
  const [type, access] = name.split('.') as [string, string]
  const narrow = /\d+/.exec(access)?.[0]
  return WIDTH[narrow ?? type.slice(1)]!
}

/** The address as 32 bits, after a check that it is within the memory. */
function writeAddress(to: SequenceWriter, width: number, memory: 0 | 1, address: number): void {
  const { code } = to
  const sum = to.temporary(I64)
  code.get(address)
  code.op(WASM.i64ExtendU)
  code.get(LOCAL.pc)
  code.access(I64_LOAD32_U, CODE + 8 * to.index + 4)
  code.op(WASM.i64Add)
  code.tee(sum)
  code.i64(width)
  code.op(WASM.i64Add)
  code.get(LOCAL.size[memory])
  code.op(WASM.i64GtU)
  to.leaveIf()
  code.get(sum)
  code.op(WASM.i32Wrap)
}

export function writeLoad(to: SequenceWriter, number: number, memory: 0 | 1): void {
  const address = to.popTo(I32)
  writeAddress(to, accessWidth(NAME[number]!), memory, address)
  to.code.access(number, 0, GUEST_MEMORY[memory])
  to.pushResult(RESULT[number] as ValueType)
}

export function writeStore(to: SequenceWriter, number: number, memory: 0 | 1): void {
  const type = OPERANDS[number]![1] as ValueType
  const value = to.pop()
  const address = to.popTo(I32)
  writeAddress(to, accessWidth(NAME[number]!), memory, address)
  to.value(value, type)
  to.code.access(number, 0, GUEST_MEMORY[memory])
  to.change()
}

/** Puts on WebAssembly's stack how many borders of leaves lie within `count` bytes from `start` on, count > 0. */
function writeBorders(to: SequenceWriter, start: number, count: number): void {
  const { code } = to
  code.get(start)
  code.get(count)
  code.op(WASM.i32Add)
  code.i32(1)
  code.op(WASM.i32Sub)
  code.i32(LEAF_LOG2)
  code.op(WASM.i32ShrU)
  code.get(start)
  code.i32(LEAF_LOG2)
  code.op(WASM.i32ShrU, WASM.i32Sub)
}

function writeReach(to: SequenceWriter, start: number, count: number, memory: 0 | 1): void {
  const { code } = to
  code.get(start)
  code.op(WASM.i64ExtendU)
  code.get(count)
  code.op(WASM.i64ExtendU, WASM.i64Add)
  code.get(LOCAL.size[memory])
  code.op(WASM.i64GtU)
  to.leaveIf()
}

/** Leaves where the steps left are too few, else counts them; the last one, which pops, is not among them. */
function writeSteps(to: SequenceWriter, steps: number): void {
  const { code } = to
  const end = to.temporary(I32)
  code.get(LOCAL.end)
  code.get(steps)
  code.i32(3)
  code.op(WASM.i32Shl, WASM.i32Sub)
  code.tee(end)
  code.get(LOCAL.pc)
  code.i32(8 * (to.index + 1))
  code.op(WASM.i32Add, WASM.i32Sub)
  code.i32(0)
  code.op(WASM.i32LtS)
  to.leaveIf()
  code.get(end)
  code.set(LOCAL.end)
}

function writeLengthCheck(to: SequenceWriter, count: number): void {
  to.code.get(count)
  to.code.i32(LONG)
  to.code.op(WASM.i32GtU)
  to.leaveIf()
}

export function writeFill(to: SequenceWriter, memory: 0 | 1): void {
  const { code } = to
  const [count, value, target] = [to.popTo(I32), to.popTo(I32), to.popTo(I32)]
  const steps = to.temporary(I32)
  writeLengthCheck(to, count)
  writeReach(to, target, count, memory)
  writeBorders(to, target, count)
  code.i32(1)
  code.op(WASM.i32Add)
  code.i32(0)
  code.get(count)
  code.op(WASM.select)
  code.set(steps)
  writeSteps(to, steps)
  for (const local of [target, value, count]) code.get(local)
  code.out.put(0xfc, 0x0b, GUEST_MEMORY[memory])
  to.change()
}

export function writeCopy(to: SequenceWriter, memory: 0 | 1, from: 0 | 1): void {
  const { code } = to
  const [count, source, target] = [to.popTo(I32), to.popTo(I32), to.popTo(I32)]
  const steps = to.temporary(I32)
  writeLengthCheck(to, count)
  writeReach(to, target, count, memory)
  writeReach(to, source, count, from)
  writeBorders(to, target, count)
  code.i32(1)
  code.op(WASM.i32Add)
  // The borders of both, which are the same ones where both begin at the same place within a leaf.
  writeBorders(to, source, count)
  code.i32(0)
  code.get(source)
  code.get(target)
  code.op(WASM.i32Sub)
  code.i32(31)
  code.op(WASM.i32And, WASM.select, WASM.i32Add)
  code.i32(0)
  code.get(count)
  code.op(WASM.select)
  code.set(steps)
  writeSteps(to, steps)
  for (const local of [target, source, count]) code.get(local)
  code.out.put(0xfc, 0x0a, GUEST_MEMORY[memory], GUEST_MEMORY[from])
  to.change()
}
