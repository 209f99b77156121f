/**
 * What compiled code leaves behind when it stops: a record for each function that was running, the innermost first, in a
 * memory of their own. A record is a head, and the function's parameters, locals and operands as slots.
 */
import { F32, F64, FUNCREF, I32, I64, OP } from '../wasm/opcodes.ts'
import type { Writer } from '../wasm/writer.ts'
import type { Additions } from './additions.ts'

const EMPTY = 0x40
const I64_LOAD = 0x29
const I64_STORE = 0x37
const ALIGNED_8 = 3
const HAS_MEMORY = 0x40
/** Pages by which the memory grows beyond what is needed. */
const MORE_PAGES = 256

export const SLOT_BYTES = 8

interface SlotLocal {
  readonly local: number
  readonly type: number
}

export class Records {
  /** The memory's index. */
  readonly memory: number
  /** Globals: where the next record goes; whether the program stopped, and how many steps were left. */
  readonly top: number
  readonly stopped: number
  readonly left: number
  /** Steps left when it last looked, where that is kept. */
  readonly mark: number
  /** Whether slots hold references. */
  seesReferences = false
  private readonly additions: Additions
  private readonly head: number

  constructor(additions: Additions, memory: number) {
    this.additions = additions
    this.memory = memory
    this.top = additions.global('top', I32)
    this.stopped = additions.global('stopped', I32)
    this.left = additions.global('left', I64)
    this.mark = additions.global('mark', I64)
    this.head = this.headFunction()
  }

  /** Writes a record, with the site on the stack. */
  write(
    code: Writer,
    slots: readonly SlotLocal[],
    { left, address }: { left: number; address: number },
  ): void {
    code.u8(OP.i32Const)
    code.signed((1 + slots.length) * SLOT_BYTES)
    code.u8(OP.localGet)
    code.u32(left)
    this.additions.writeCall(code, this.head)
    code.u8(OP.localSet)
    code.u32(address)
    for (const [i, { local, type }] of slots.entries()) {
      code.u8(OP.localGet)
      code.u32(address)
      code.u8(OP.localGet)
      code.u32(local)
      this.writeBits(code, type)
      this.store(code, (1 + i) * SLOT_BYTES)
    }
  }

  /** Makes a slot of a value on the stack. */
  writeBits(code: Writer, type: number): void {
    if (type === F32) code.u8(OP.i32ReinterpretF32)
    if (type === F64) code.u8(OP.i64ReinterpretF64)
    if (type === I32 || type === F32) code.u8(OP.i64ExtendI32U)
    if (type !== FUNCREF) return
    this.seesReferences = true
    this.additions.writeCall(code, this.additions.imported('slotOf'))
  }

  store(code: Writer, offset: number): void {
    this.access(code, I64_STORE, offset)
  }

  /** Loads a value of a type from a slot at an address that does not change. */
  load(code: Writer, type: number, address: number): void {
    code.put(OP.i32Const, 0)
    this.access(code, I64_LOAD, address)
    if (type === I32 || type === F32) code.u8(OP.i32WrapI64)
    if (type === F32) code.u8(OP.f32ReinterpretI32)
    if (type === F64) code.u8(OP.f64ReinterpretI64)
    if (type !== FUNCREF) return
    this.seesReferences = true
    this.additions.writeCall(code, this.additions.imported('referenceOf'))
  }

  private access(code: Writer, op: number, offset: number): void {
    code.put(op, ALIGNED_8 | HAS_MEMORY)
    code.u32(this.memory)
    code.u32(offset)
  }

  /**
   * `(site, bytes, left) -> address`: room for a record, with its head written: twice the site, plus 1 in the innermost
   * function, where the program stopped.
   */
  private headFunction(): number {
    const [site, bytes, left, address] = [0, 1, 2, 3]
    return this.additions.written('head', [I32, I32, I64], [I32], [I32], (code) => {
      code.put(...this.get(this.stopped), OP.i32Eqz, OP.if, EMPTY)
      code.put(OP.localGet, left, ...this.set(this.left), OP.end)

      code.put(...this.get(this.top), OP.localTee, address, OP.i64ExtendI32U)
      code.put(OP.localGet, bytes, OP.i64ExtendI32U, OP.i64Add)
      code.put(
        OP.memorySize,
        this.memory,
        OP.i64ExtendI32U,
        OP.i64Const,
        16,
        OP.i64Shl,
        OP.i64GtU,
        OP.if,
        EMPTY,
      )
      code.put(OP.localGet, bytes, OP.i32Const, 16, OP.i32ShrU, OP.i32Const)
      code.signed(MORE_PAGES)
      code.put(OP.i32Add, OP.memoryGrow, this.memory, OP.i32Const)
      code.signed(-1)
      code.put(OP.i32Eq, OP.if, EMPTY, OP.unreachable, OP.end, OP.end)

      code.put(OP.localGet, address, OP.localGet, site, OP.i32Const, 1, OP.i32Shl)
      code.put(...this.get(this.stopped), OP.i32Eqz, OP.i32Or, OP.i64ExtendI32U)
      this.store(code, 0)
      code.put(OP.i32Const, 1, ...this.set(this.stopped))
      code.put(OP.localGet, address, OP.localGet, bytes, OP.i32Add, ...this.set(this.top))
      code.put(OP.localGet, address)
    })
  }

  private get(global: number): number[] {
    return [OP.globalGet, ...leb(global)]
  }

  private set(global: number): number[] {
    return [OP.globalSet, ...leb(global)]
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}
