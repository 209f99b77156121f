/** What each kind of instruction does, as WebAssembly. */
import { F32, I32, I64, NAME, OPERANDS, RESULT } from '../wasm/opcodes.ts'
import { GUEST_MEMORY, I64_LOAD32_U, I64_STORE16, I64_STORE32, type ValueType, WASM } from './code.ts'
import { CODE, PRIVATE, REGISTER, STACK, STACK_SLOTS } from './layout.ts'
import { LOCAL, type SequenceWriter } from './sequenceWriter.ts'

const MEMORY: Readonly<Record<string, 0 | 1>> = { module: 0, library: 1 }
const STACK_END = STACK_SLOTS * 8
const LEAF_LOG2 = 5

/** Lengths from which on bulk instructions are not done here: 32 bits are enough for their steps. */
const LONG = 1 << 24

/** Writes the instruction of a kind; whether it said itself what comes next. */
export function writeInstruction(to: SequenceWriter, kind: string): boolean {
  const [name, ...memories] = kind.split(' ') as [string, ...string[]]
  const number = NUMBER.get(name)
  if (memories.length === 0) {
    if (number !== undefined) writeNumeric(to, number)
    else return OTHERS[kind]!(to) === true
    return false
  }
  const [memory, from] = memories.map((memory) => MEMORY[memory]!) as [0 | 1, 0 | 1]
  if (name === 'memory.size') {
    to.code.i32(0)
    to.code.load(I32, REGISTER.pages[memory])
    to.pushResult(I32)
  } else if (name === 'memory.fill') writeFill(to, memory)
  else if (name === 'memory.copy') writeCopy(to, memory, from)
  else if (name.includes('load')) writeLoad(to, number!, memory)
  else writeStore(to, number!, memory)
  return false
}

/** Numbers of WebAssembly's instructions by name: those with a fixed signature and no immediate, loads and stores. */
const NUMBER = new Map(
  NAME.map((name, number) => [name, number] as const).filter(
    ([, number]) =>
      (number >= 0x45 && number <= 0xc4) || (number >= 0x100 && number < 0x108) || isAccess(number),
  ),
)

function isAccess(number: number): boolean {
  return number >= 0x28 && number <= 0x3e
}

const CANONICAL_NAN: ReadonlySet<string> = new Set(
  ['add', 'sub', 'mul', 'div', 'min', 'max', 'sqrt', 'ceil', 'floor', 'trunc', 'nearest'].flatMap((name) => [
    `f32.${name}`,
    `f64.${name}`,
  ]),
)
  .add('f32.demote_f64')
  .add('f64.promote_f32')

function writeNumeric(to: SequenceWriter, number: number): void {
  const { code } = to
  const name = NAME[number]!
  const types = OPERANDS[number] as readonly ValueType[]
  const result = RESULT[number] as ValueType
  const operands = types.map(() => to.pop()).reverse()
  if (/div_|rem_|\.trunc_f/.test(name)) {
    const locals = types.map((type, i) => {
      const local = to.temporary(type)
      to.value(operands[i]!, type)
      code.set(local)
      return local
    })
    if (name.includes('trunc')) writeRangeCheck(to, name, types[0]!, locals[0]!)
    else writeDivisionCheck(to, name, types[0]!, locals[0]!, locals[1]!)
    for (const local of locals) code.get(local)
  } else {
    for (const [i, type] of types.entries()) to.value(operands[i]!, type)
  }
  code.op(number)
  to.pushResult(result)
  if (CANONICAL_NAN.has(name)) {
    const local = to.peek(result)
    code.get(local)
    code.get(local)
    code.op(result === F32 ? 0x5c : 0x62)
    to.if()
    if (result === F32) {
      code.i32(0x7fc00000)
      code.op(0xbe)
    } else {
      code.i64(0x7ff8)
      code.i64(48)
      code.op(WASM.i64Shl, 0xbf)
    }
    code.set(local)
    to.end()
  }
}

function writeDivisionCheck(to: SequenceWriter, name: string, type: ValueType, x: number, y: number): void {
  const { code } = to
  const wide = type === I64
  code.get(y)
  code.op(wide ? WASM.i64Eqz : WASM.i32Eqz)
  if (name.endsWith('div_s')) {
    // The least number by −1.
    code.get(x)
    if (wide) {
      code.i64(1)
      code.i64(63)
      code.op(WASM.i64Shl, WASM.i64Eq)
    } else {
      code.i32(-(2 ** 31))
      code.op(WASM.i32Eq)
    }
    code.get(y)
    if (wide) code.i64(-1)
    else code.i32(-1)
    code.op(wide ? WASM.i64Eq : WASM.i32Eq, WASM.i32And, WASM.i32Or)
  }
  to.leaveIf()
}

/** Truncations trap on NaN and where the result does not fit. */
function writeRangeCheck(to: SequenceWriter, name: string, type: ValueType, x: number): void {
  const { code } = to
  const bits = name.startsWith('i32') ? 32 : 64
  const signed = name.endsWith('_s')
  const above = 2 ** (signed ? bits - 1 : bits)
  // The greatest float below the range, or where none lies between it and the least number, that number.
  const closed = signed && (bits === 64 || type === F32)
  const below = !signed ? -1 : closed ? -above : -above - 1
  const constant = (value: number) => {
    const bytes = new DataView(new ArrayBuffer(8))
    if (type === F32) bytes.setFloat32(0, value, true)
    else bytes.setFloat64(0, value, true)
    code.out.u8(type === F32 ? 0x43 : 0x44)
    for (let i = 0; i < (type === F32 ? 4 : 8); i++) code.out.u8(bytes.getUint8(i))
  }
  const [gt, ge, lt] = type === F32 ? [0x5e, 0x60, 0x5d] : [0x64, 0x66, 0x63]
  code.get(x)
  constant(below)
  code.op(closed ? ge! : gt!)
  code.get(x)
  constant(above)
  code.op(lt!, WASM.i32And, WASM.i32Eqz)
  to.leaveIf()
}

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

function writeLoad(to: SequenceWriter, number: number, memory: 0 | 1): void {
  const address = to.popTo(I32)
  writeAddress(to, accessWidth(NAME[number]!), memory, address)
  to.code.access(number, 0, GUEST_MEMORY[memory])
  to.pushResult(RESULT[number] as ValueType)
}

function writeStore(to: SequenceWriter, number: number, memory: 0 | 1): void {
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

function writeFill(to: SequenceWriter, memory: 0 | 1): void {
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

function writeCopy(to: SequenceWriter, memory: 0 | 1, from: 0 | 1): void {
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

/** Pushes the link to what follows the sequence, as a temporary on WebAssembly's stack. */
function writeLink(to: SequenceWriter): void {
  const { code } = to
  code.get(LOCAL.fp)
  code.op(WASM.i64ExtendU)
  code.i64(32)
  code.op(WASM.i64Shl)
  code.get(LOCAL.pc)
  code.i32(8 * to.length)
  code.op(WASM.i32Add, WASM.i64ExtendU, WASM.i64Or)
  // Both in slots and instructions, of 8 bytes each.
  code.i64(3)
  code.op(WASM.i64ShrU)
}

/** Takes a link from WebAssembly's stack; leaves the pc there. */
function writeFollow(to: SequenceWriter): void {
  const { code } = to
  const link = to.temporary(I64)
  code.i64(3)
  code.op(WASM.i64Shl)
  code.tee(link)
  code.i64(32)
  code.op(WASM.i64ShrU, WASM.i32Wrap)
  code.set(LOCAL.fp)
  code.get(link)
  code.op(WASM.i32Wrap)
}

/** The link goes to the top, the frame begins below it. sp is where the link goes, and is one more after it. */
function writeFrame(to: SequenceWriter): void {
  const { code } = to
  code.get(LOCAL.sp)
  writeLink(to)
  code.store(I64, STACK)
  code.get(LOCAL.sp)
  to.smallImmediate(to.index)
  code.op(WASM.i32Sub)
  code.set(LOCAL.fp)
  code.get(LOCAL.sp)
  code.i32(8)
  code.op(WASM.i32Add)
  code.set(LOCAL.sp)
}

/** So many zeros, in bytes, from sp on; sp goes behind them. Writes a few more. */
function writeZeros(to: SequenceWriter, bytes: number): void {
  const { code } = to
  const at = to.temporary(I32)
  code.get(LOCAL.sp)
  code.tee(at)
  code.get(bytes)
  code.op(WASM.i32Add)
  code.set(LOCAL.sp)
  to.loop()
  for (let i = 0; i < 4; i++) {
    code.get(at)
    code.i64(0)
    code.store(I64, STACK + 8 * i)
  }
  code.get(at)
  code.i32(32)
  code.op(WASM.i32Add)
  code.tee(at)
  code.get(LOCAL.sp)
  code.op(WASM.i32LtU)
  code.brIf(0)
  to.end()
}

function writeStackCheck(to: SequenceWriter, bytes: () => void): void {
  const { code } = to
  code.get(LOCAL.sp)
  bytes()
  code.op(WASM.i32Add)
  code.i32(STACK_END)
  code.op(WASM.i32GtU)
  to.leaveFlushedIf()
}

function writeBranchIf(to: SequenceWriter, wanted: boolean): boolean {
  const { code } = to
  to.value(to.pop(), I32)
  if (!wanted) code.op(WASM.i32Eqz)
  if (to.isLast) to.flush()
  to.if()
  to.flushAside()
  to.immediate(to.index)
  to.jump()
  to.end()
  return false
}

/** What moves to where the callee's frame began, and what remains of it. */
function writeReturn(to: SequenceWriter, results: 0 | 1): boolean {
  const { code } = to
  const result = results === 1 ? to.popTo(I64) : 0
  to.discard()
  to.frameAddress(to.index)
  code.load(I64, STACK)
  const link = to.temporary(I64)
  code.set(link)
  code.get(LOCAL.fp)
  if (results === 1) {
    code.get(result)
    code.store(I64, STACK)
    code.get(LOCAL.fp)
    code.i32(8)
    code.op(WASM.i32Add)
  }
  code.set(LOCAL.sp)
  code.get(link)
  writeFollow(to)
  to.jump()
  return true
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

const OTHERS: Readonly<Record<string, (to: SequenceWriter) => boolean | undefined>> = {
  slow(to) {
    to.leave()
    return true
  },
  'local.get'(to): undefined {
    to.push({ at: 'frame', index: to.index })
  },
  'global.get'(to): undefined {
    to.push({ at: 'address', index: to.index, further: 0 })
  },
  const(to): undefined {
    to.push({ at: 'immediate', index: to.index, signed: true })
  },
  'const.unsigned'(to): undefined {
    to.push({ at: 'immediate', index: to.index, signed: false })
  },
  'const.wide'(to): undefined {
    to.push({ at: 'address', index: to.index, further: 0 })
  },
  'const.low'(to): undefined {
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
  'local.set'(to): undefined {
    const value = to.pop()
    to.settle('frame')
    to.frameAddress(to.index)
    to.storeSlot(value, STACK)
    to.change()
  },
  'local.tee'(to): undefined {
    const type = to.topType()
    const local = to.peek(type)
    to.settle('frame')
    to.frameAddress(to.index)
    to.storeSlot({ at: 'temporary', type, local }, STACK)
    to.change()
  },
  'global.set'(to): undefined {
    const value = to.pop()
    to.settle('address')
    to.immediate(to.index)
    to.storeSlot(value, 0)
    to.change()
  },
  'stop.set'(to): undefined {
    writeSetRegister(to, (offset) => to.code.access(I64_STORE16, offset), REGISTER.stop)
  },
  'depth.set'(to): undefined {
    writeSetRegister(to, (offset) => to.code.access(I64_STORE32, offset), REGISTER.depth)
  },
  drop(to): undefined {
    to.pop()
  },
  select(to): undefined {
    const [condition, second, first] = [to.pop(), to.pop(), to.pop()]
    to.value(first, I64)
    to.value(second, I64)
    to.value(condition, I32)
    to.code.op(WASM.select)
    to.pushResult(I64)
  },
  enter(to): undefined {
    const { code } = to
    to.flush()
    writeStackCheck(to, () => to.immediate(to.index))
    const bytes = to.temporary(I32)
    to.immediate(to.index)
    code.set(bytes)
    writeZeros(to, bytes)
    to.change()
  },
  'slide.none'(to): undefined {
    const { code } = to
    to.flush()
    code.get(LOCAL.sp)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.set(LOCAL.sp)
    to.change()
  },
  'slide.one'(to): undefined {
    const { code } = to
    const value = to.popTo(I64)
    to.flush()
    code.get(LOCAL.sp)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.set(LOCAL.sp)
    to.push({ at: 'temporary', type: I64, local: value })
    to.change()
  },
  slide(to) {
    const { code } = to
    to.flush()
    const [from, aux] = [to.temporary(I32), to.temporary(I32)]
    // sp − 8a + 8aux
    code.get(LOCAL.sp)
    to.smallImmediate(to.index)
    code.op(WASM.i32Sub)
    code.i32(0)
    code.load(I32, REGISTER.aux)
    code.tee(aux)
    code.i32(3)
    code.op(WASM.i32Shl, WASM.i32Add)
    code.tee(from)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.get(from)
    code.load(I64, STACK)
    code.store(I64, STACK)
    code.get(aux)
    code.i32(1)
    code.op(WASM.i32Add)
    code.tee(aux)
    code.i32(3)
    code.op(WASM.i32Shl)
    to.smallImmediate(to.index)
    code.op(WASM.i32LtU)
    to.if()
    code.i32(0)
    code.get(aux)
    code.store(I32, REGISTER.aux)
    // A step, and at the same instruction again.
    code.get(LOCAL.pc)
    code.i32(8 * (to.length - 1))
    code.op(WASM.i32Add)
    to.jump()
    to.end()
    code.i32(0)
    code.i32(0)
    code.store(I32, REGISTER.aux)
    code.get(LOCAL.sp)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.set(LOCAL.sp)
    to.finish()
    return true
  },
  br(to) {
    to.flush()
    to.immediate(to.index)
    to.jump()
    return true
  },
  br_if: (to) => writeBranchIf(to, true),
  br_unless: (to) => writeBranchIf(to, false),
  br_table(to) {
    const { code } = to
    const index = to.popTo(I32)
    const count = to.temporary(I32)
    to.flush()
    code.get(index)
    to.immediate(to.index)
    code.tee(count)
    code.get(index)
    code.get(count)
    code.op(WASM.i32LtU, WASM.select)
    code.i32(3)
    code.op(WASM.i32Shl)
    code.get(LOCAL.pc)
    code.op(WASM.i32Add)
    if (to.counted) {
      code.i32(8 * to.length)
      code.op(WASM.i32Add)
      to.jump()
    } else {
      // A `br` stands there: its step at once.
      code.load(I32, CODE + 8 * to.length + 4)
      to.jump(1)
    }
    return true
  },
  return: (to) => writeReturn(to, 0),
  return_one: (to) => writeReturn(to, 1),
  return_link(to) {
    const link = to.popTo(I64)
    to.flush()
    to.code.get(link)
    writeFollow(to)
    to.jump()
    return true
  },
  call(to) {
    to.flush()
    writeStackCheck(to, () => to.code.i32(8))
    writeFrame(to)
    to.immediate(to.index)
    to.jump()
    return true
  },
  'call.enter'(to) {
    const { code } = to
    to.flush()
    const [target, bytes] = [to.temporary(I32), to.temporary(I32)]
    to.immediate(to.index)
    code.tee(target)
    code.load(I32, CODE + 4)
    code.set(bytes)
    // Where there is no room for all, the two are done one by one.
    writeStackCheck(to, () => {
      code.get(bytes)
      code.i32(8)
      code.op(WASM.i32Add)
    })
    writeFrame(to)
    writeZeros(to, bytes)
    code.get(target)
    code.i32(8)
    code.op(WASM.i32Add)
    to.jump(1)
    return true
  },
  call_indirect(to) {
    const { code } = to
    const index = to.popTo(I32)
    const [table, element] = [to.temporary(I32), to.temporary(I64)]
    to.immediate(to.index)
    code.i32(24)
    code.op(WASM.i32ShrU)
    code.i32(15)
    code.op(WASM.i32And)
    code.i32(3)
    code.op(WASM.i32Shl)
    code.set(table)
    code.get(index)
    code.get(table)
    code.load(I32, PRIVATE.tables + 4)
    code.load(I32, 0)
    code.op(WASM.i32LtU, WASM.i32Eqz)
    to.leaveIf()
    code.get(table)
    code.load(I32, PRIVATE.tables)
    code.get(index)
    code.i32(3)
    code.op(WASM.i32Shl, WASM.i32Add)
    code.load(I64, 0)
    code.tee(element)
    code.op(WASM.i64Eqz)
    to.leaveIf()
    code.get(element)
    code.i64(1)
    code.op(WASM.i64Sub)
    code.tee(element)
    code.i64(32)
    code.op(WASM.i64ShrU)
    to.value({ at: 'immediate', index: to.index, signed: false }, I64)
    code.i64(0xffffff)
    code.op(WASM.i64And, WASM.i64Ne)
    // Null has a type too, but no function.
    code.get(element)
    code.op(WASM.i64Eqz, WASM.i32Or)
    to.leaveIf()
    to.flush()
    writeFrame(to)
    code.get(element)
    code.op(WASM.i32Wrap)
    code.i32(3)
    code.op(WASM.i32Shl)
    to.jump()
    return true
  },
}
