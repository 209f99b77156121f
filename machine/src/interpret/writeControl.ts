/** Jumps, calls and returns, and what a frame is made of. */
import { I32, I64 } from '../wasm/opcodes.ts'
import { WASM } from './code.ts'
import { CODE, PRIVATE, REGISTER, STACK, STACK_SLOTS } from './layout.ts'
import { LOCAL, type SequenceWriter } from './sequenceWriter.ts'

const STACK_END = STACK_SLOTS * 8

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

/** By kind; whether what comes next was said. */
export const CONTROL: Readonly<Record<string, (to: SequenceWriter) => boolean>> = {
  slow(to) {
    to.leave()
    return true
  },
  enter(to) {
    const { code } = to
    to.flush()
    writeStackCheck(to, () => to.immediate(to.index))
    const bytes = to.temporary(I32)
    to.immediate(to.index)
    code.set(bytes)
    writeZeros(to, bytes)
    to.change()
    return false
  },
  'slide.none'(to) {
    const { code } = to
    to.flush()
    code.get(LOCAL.sp)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.set(LOCAL.sp)
    to.change()
    return false
  },
  'slide.one'(to) {
    const { code } = to
    const value = to.popTo(I64)
    to.flush()
    code.get(LOCAL.sp)
    to.immediate(to.index)
    code.op(WASM.i32Sub)
    code.set(LOCAL.sp)
    to.push({ at: 'temporary', type: I64, local: value })
    to.change()
    return false
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
