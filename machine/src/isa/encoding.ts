/** Instructions as 64-bit numbers, and back. For tests, tools and whatever need not be fast. */
import { INSTRUCTIONS, type Instruction, type Layout } from './instructions.ts'
import { type InstructionName, OPCODE } from './opcode.gen.ts'

export const INSTRUCTION_BYTES = 8

const BY_OPCODE: (Instruction | undefined)[] = new Array(256).fill(undefined)
for (const instruction of INSTRUCTIONS) BY_OPCODE[instruction.opcode] = instruction

/** What an opcode stands for, or undefined where it is no instruction's. */
export function instructionOf(opcode: number): Instruction | undefined {
  return BY_OPCODE[opcode]
}

/** An instruction as it stands in the code. */
export interface Decoded {
  readonly opcode: number
  readonly a: number
  readonly b: number
  /** Bits 8 to 63 as a signed number. */
  readonly immediate: bigint
}

/** How many immediates an instruction of that layout is written with. */
const IMMEDIATES: Record<Layout, number> = { none: 0, a: 1, b: 1, ab: 2, signed56: 1, unsigned56: 1 }

/**
 * The number of an instruction, from the immediates that its layout has: `encode('local.get', 3)`,
 * `encode('call', 2, 1042)`, `encode('const', -1n)`.
 */
export function encode(name: InstructionName, ...immediates: (number | bigint)[]): bigint {
  const opcode = OPCODE[name]
  const { layout } = BY_OPCODE[opcode]!
  if (immediates.length !== IMMEDIATES[layout]) {
    throw new RangeError(`${name} has ${IMMEDIATES[layout]} immediates, not ${immediates.length}`)
  }
  const [first = 0n, second = 0n] = immediates.map(BigInt)
  const [a, b] = layout === 'b' ? [0n, first] : [first, second]
  if (layout === 'signed56' || layout === 'unsigned56') {
    const fits = first === (layout === 'signed56' ? BigInt.asIntN(56, first) : BigInt.asUintN(56, first))
    if (!fits) throw new RangeError(`${first} has more than 56 bits`)
    return (BigInt.asUintN(56, first) << 8n) | BigInt(opcode)
  }
  if (a !== BigInt.asUintN(24, a) || b !== BigInt.asUintN(32, b)) {
    throw new RangeError(`an immediate of ${name} is out of range: ${immediates.join(', ')}`)
  }
  return (b << 32n) | (a << 8n) | BigInt(opcode)
}

export function decode(instruction: bigint): Decoded {
  return {
    opcode: Number(instruction & 0xffn),
    a: Number((instruction >> 8n) & 0xffffffn),
    b: Number((instruction >> 32n) & 0xffffffffn),
    immediate: BigInt.asIntN(56, instruction >> 8n),
  }
}

/** Code of these instructions, from pc 0 on. */
export function assemble(instructions: readonly bigint[]): Uint8Array {
  const code = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_BYTES))
  for (const [pc, instruction] of instructions.entries()) {
    code.setBigUint64(pc * INSTRUCTION_BYTES, instruction, true)
  }
  return new Uint8Array(code.buffer)
}

/** The instruction at a place in the code. Beyond its end there are zeros, as in the region. */
export function instructionAt(code: Uint8Array, pc: number): bigint {
  if ((pc + 1) * INSTRUCTION_BYTES > code.length) return 0n
  return new DataView(code.buffer, code.byteOffset).getBigUint64(pc * INSTRUCTION_BYTES, true)
}
