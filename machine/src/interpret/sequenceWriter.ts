/**
 * Writes what a sequence of instructions does as WebAssembly. Operands that one instruction leaves for another of the
 * same sequence stay in locals of the interpreter; at the end of the sequence, those that are left go to the stack.
 * Where an instruction cannot be done here, the state before it is made whole and the loop is left: an *anomaly*.
 */
import { F32, F64, I32, I64 } from '../wasm/opcodes.ts'
import { type Code, I64_LOAD32_S, I64_LOAD32_U, type ValueType, WASM } from './code.ts'
import { CODE, STACK } from './layout.ts'

/** Locals of the emitted functions. pc, sp and fp are in bytes from where code and stack begin. */
export const LOCAL = {
  /** Steps left, as a parameter. */
  left: 0,
  pc: 1,
  sp: 2,
  fp: 3,
  /** Where pc would be if all steps that are left went straight on: jumps move it along. */
  end: 4,
  /** Bytes of the program's two memories. */
  size: [5, 6],
} as const

const FIRST_TEMPORARY = 7
/** Temporaries of each type. */
const TEMPORARIES: readonly [ValueType, number][] = [
  [I32, 24],
  [I64, 16],
  [F32, 8],
  [F64, 12],
]

/** How the function declares all locals beside its parameter. */
export const LOCAL_DECLARATIONS: readonly (readonly [count: number, type: number])[] = [
  [4, I32],
  [2, I64],
  ...TEMPORARIES.map(([type, count]) => [count, type] as const),
]

export type Operand =
  /** In a temporary. `home`: how many slots below sp it lies in memory as well. */
  | { readonly at: 'temporary'; readonly type: ValueType; readonly local: number; readonly home?: number }
  /** The slot so many below sp, as it was when the sequence began. */
  | { readonly at: 'stack'; readonly depth: number }
  /** The slot of the frame that the immediate of an instruction of the sequence names. */
  | { readonly at: 'frame'; readonly index: number }
  /** The slot at the address that an immediate names, or as many bytes further. */
  | { readonly at: 'address'; readonly index: number; readonly further: number }
  | { readonly at: 'immediate'; readonly index: number; readonly signed: boolean }

interface Saved {
  readonly operands: readonly Operand[]
  readonly popped: number
}

export interface Labels {
  readonly next: number
  readonly budget: number
  readonly anomaly: number
}

export class SequenceWriter {
  readonly code: Code
  readonly length: number
  /** Whether steps are counted one by one, before each is done. */
  readonly counted: boolean
  /** Of the instruction that is being written. */
  index = 0
  private readonly labels: Labels
  private operands: Operand[] = []
  private popped = 0
  private before: Saved = { operands: [], popped: 0 }
  private nesting = 0
  private changed = false
  private readonly used = new Map<ValueType, number>()

  constructor(code: Code, length: number, counted: boolean, labels: Labels) {
    this.code = code
    this.length = length
    this.counted = counted
    this.labels = labels
  }

  begin(index: number): void {
    this.index = index
    this.before = { operands: [...this.operands], popped: this.popped }
  }

  temporary(type: ValueType): number {
    const used = this.used.get(type) ?? 0
    this.used.set(type, used + 1)
    let first = FIRST_TEMPORARY
    for (const [other, count] of TEMPORARIES) {
      if (other === type) {
        if (used === count) throw new Error('A sequence needs more temporaries than there are.')
        return first + used
      }
      first += count
    }
    throw new Error('There is no such type.')
  }

  push(operand: Operand): void {
    this.operands.push(operand)
  }

  /** Takes the value on WebAssembly's stack. */
  pushResult(type: ValueType): void {
    const local = this.temporary(type)
    this.code.set(local)
    this.push({ at: 'temporary', type, local })
  }

  pop(): Operand {
    return this.operands.pop() ?? { at: 'stack', depth: ++this.popped }
  }

  /** Of the top, where it is known; any other holds all of its bits. */
  topType(): ValueType {
    const top = this.operands.at(-1)
    return top?.at === 'temporary' ? top.type : I64
  }

  /** The top, which stays. */
  peek(type: ValueType): number {
    const top = this.pop()
    if (top.at === 'temporary' && top.type === type) {
      this.push(top)
      return top.local
    }
    const local = this.temporary(type)
    this.value(top, type)
    this.code.set(local)
    const home = top.at === 'stack' ? { home: top.depth } : {}
    this.push({ at: 'temporary', type, local, ...home })
    return local
  }

  /** In a temporary of its own. */
  popTo(type: ValueType): number {
    const local = this.temporary(type)
    this.value(this.pop(), type)
    this.code.set(local)
    return local
  }

  /** Puts an operand on WebAssembly's stack. */
  value(operand: Operand, type: ValueType): void {
    const { code } = this
    switch (operand.at) {
      case 'temporary':
        code.get(operand.local)
        this.convert(operand.type, type)
        return
      case 'stack':
        code.get(LOCAL.sp)
        code.load(type, STACK - 8 * operand.depth)
        return
      case 'frame':
        this.frameAddress(operand.index)
        code.load(type, STACK)
        return
      case 'address':
        this.immediate(operand.index)
        code.load(type, operand.further)
        return
      case 'immediate':
        code.get(LOCAL.pc)
        if (type === I32 || type === F32) {
          code.load(type, immediateOffset(operand.index))
        } else {
          code.access(operand.signed ? I64_LOAD32_S : I64_LOAD32_U, immediateOffset(operand.index))
          if (type === F64) code.op(0xbf)
        }
    }
  }

  /** The bits of a value of one type as another: what a slot holds, read again. */
  private convert(from: ValueType, to: ValueType): void {
    const { code } = this
    if (from === to) return
    if (from === F32) code.op(0xbc)
    if (from === F64) code.op(0xbd)
    const wide = from === I64 || from === F64
    const wanted = to === I64 || to === F64
    if (wide && !wanted) code.op(WASM.i32Wrap)
    if (!wide && wanted) code.op(WASM.i64ExtendU)
    if (to === F32) code.op(0xbe)
    if (to === F64) code.op(0xbf)
  }

  /** The 32-bit immediate of an instruction of the sequence. */
  immediate(index: number): void {
    this.code.get(LOCAL.pc)
    this.code.load(I32, immediateOffset(index))
  }

  /** The other one, of 16 bits. */
  smallImmediate(index: number): void {
    this.code.get(LOCAL.pc)
    this.code.access(0x2f, CODE + 8 * index + 2)
  }

  frameAddress(index: number): void {
    this.code.get(LOCAL.fp)
    this.immediate(index)
    this.code.op(WASM.i32Add)
  }

  /** Stores an operand, whole, to an address that is on WebAssembly's stack. */
  storeSlot(operand: Operand, offset: number): void {
    const type = operand.at === 'temporary' && operand.type === F64 ? F64 : I64
    this.value(operand, type)
    this.code.store(type, offset)
  }

  /** What has not been read yet is about to change. */
  settle(at: 'frame' | 'address'): void {
    this.operands = this.operands.map((operand) => {
      if (operand.at !== at) return operand
      const local = this.temporary(I64)
      this.value(operand, I64)
      this.code.set(local)
      return { at: 'temporary', type: I64, local }
    })
  }

  /** Memory has changed: from here on, an anomaly has a state of its own. */
  change(): void {
    this.changed = true
  }

  /** Operands go to the stack, sp to their end. */
  flush(): void {
    this.writeBack({ operands: this.operands, popped: this.popped })
    this.operands = []
    this.popped = 0
  }

  /** Nothing of what is on the stack will be read again. */
  discard(): void {
    this.operands = []
    this.popped = 0
  }

  private writeBack({ operands, popped }: Saved): void {
    const { code } = this
    for (const [i, operand] of operands.entries()) {
      const depth = popped - i
      if (operand.at === 'temporary' && operand.home === depth) continue
      code.get(LOCAL.sp)
      this.storeSlot(operand, STACK - 8 * depth)
    }
    if (operands.length === popped) return
    code.get(LOCAL.sp)
    code.i32(8 * (operands.length - popped))
    code.op(WASM.i32Add)
    code.set(LOCAL.sp)
  }

  if(): void {
    this.code.if()
    this.nesting++
  }

  block(): void {
    this.code.block()
    this.nesting++
  }

  loop(): void {
    this.code.loop()
    this.nesting++
  }

  end(): void {
    this.code.end()
    this.nesting--
  }

  /** Leaves the loop before the present instruction where the condition on WebAssembly's stack holds. */
  leaveIf(): void {
    if (!this.changed) {
      this.code.brIf(this.labels.anomaly + this.nesting)
      return
    }
    this.if()
    this.writeBack(this.before)
    this.advance(this.index)
    this.code.br(this.labels.anomaly + this.nesting)
    this.end()
  }

  /** The same where the operands have been flushed. */
  leaveFlushedIf(): void {
    this.if()
    this.advance(this.index)
    this.code.br(this.labels.anomaly + this.nesting)
    this.end()
  }

  leave(): void {
    this.code.br(this.labels.anomaly + this.nesting)
  }

  private advance(instructions: number): void {
    if (instructions === 0) return
    this.code.get(LOCAL.pc)
    this.code.i32(8 * instructions)
    this.code.op(WASM.i32Add)
    this.code.set(LOCAL.pc)
  }

  get isLast(): boolean {
    return this.index === this.length - 1
  }

  /** The sequence is done; what follows it comes next. */
  finish(): void {
    this.flush()
    this.advance(this.length)
    this.code.br(this.labels.next + this.nesting)
  }

  /** Operands go to the stack on a way that leaves the sequence; on the other they stay as they are. */
  flushAside(): void {
    this.writeBack({ operands: this.operands, popped: this.popped })
  }

  /**
   * The present instruction was the last one; what is at the pc on WebAssembly's stack comes next.
   *
   * @param more steps beyond the sequence's own
   */
  jump(more = 0): void {
    const { code } = this
    const target = this.temporary(I32)
    const left = this.temporary(I32)
    code.set(target)
    code.get(LOCAL.end)
    code.get(LOCAL.pc)
    code.i32(8 * (this.index + 1 + more))
    code.op(WASM.i32Add, WASM.i32Sub)
    code.tee(left)
    code.get(target)
    code.tee(LOCAL.pc)
    code.op(WASM.i32Add)
    code.set(LOCAL.end)
    if (!this.counted) {
      code.get(left)
      code.i32(0)
      code.op(WASM.i32LtS)
      code.brIf(this.labels.budget + this.nesting)
    }
    code.br(this.labels.next + this.nesting)
  }
}

export function immediateOffset(index: number): number {
  return CODE + 8 * index + 4
}
