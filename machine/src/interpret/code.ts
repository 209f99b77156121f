/** WebAssembly code as the interpreter's parts write it. */
import { F32, F64, I32, I64 } from '../wasm/opcodes.ts'
import { Writer } from '../wasm/writer.ts'

export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64

/** Opcodes that are written by name. */
export const WASM = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64GtU: 0x56,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64And: 0x83,
  i64Or: 0x84,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32Wrap: 0xa7,
  i64ExtendU: 0xad,
} as const

/** Memories of the emitted module: the interpreter's own, then the program's two. */
export const MACHINE_MEMORY = 0
export const GUEST_MEMORY = [1, 2] as const

const EMPTY = 0x40

/** Load and store of a whole value of each type. */
const LOAD = { [I32]: 0x28, [I64]: 0x29, [F32]: 0x2a, [F64]: 0x2b } as const
const STORE = { [I32]: 0x36, [I64]: 0x37, [F32]: 0x38, [F64]: 0x39 } as const
export const I64_LOAD32_S = 0x34
export const I64_LOAD32_U = 0x35
export const I32_LOAD16_U = 0x2f
export const I64_STORE16 = 0x3d
export const I64_STORE32 = 0x3e

export class Code {
  readonly out = new Writer(1024)

  op(...opcodes: readonly number[]): void {
    for (const opcode of opcodes) {
      if (opcode >= 0x100) this.out.put(0xfc, opcode - 0x100)
      else this.out.u8(opcode)
    }
  }

  get(local: number): void {
    this.out.u8(0x20)
    this.out.u32(local)
  }

  set(local: number): void {
    this.out.u8(0x21)
    this.out.u32(local)
  }

  tee(local: number): void {
    this.out.u8(0x22)
    this.out.u32(local)
  }

  i32(value: number): void {
    this.out.u8(0x41)
    this.out.signed(value)
  }

  i64(value: number): void {
    this.out.u8(0x42)
    this.out.signed(value)
  }

  /** Any load or store; what it takes is on the stack. */
  access(opcode: number, offset: number, memory: number = MACHINE_MEMORY): void {
    this.out.u8(opcode)
    if (memory === 0) this.out.u8(0)
    else this.out.put(0x40, memory)
    this.out.u32(offset)
  }

  load(type: ValueType, offset: number): void {
    this.access(LOAD[type], offset)
  }

  store(type: ValueType, offset: number): void {
    this.access(STORE[type], offset)
  }

  block(): void {
    this.out.put(WASM.block, EMPTY)
  }

  loop(): void {
    this.out.put(WASM.loop, EMPTY)
  }

  if(): void {
    this.out.put(WASM.if, EMPTY)
  }

  end(): void {
    this.out.u8(WASM.end)
  }

  br(depth: number): void {
    this.out.u8(WASM.br)
    this.out.u32(depth)
  }

  brIf(depth: number): void {
    this.out.u8(WASM.brIf)
    this.out.u32(depth)
  }
}
