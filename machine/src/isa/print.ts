/** Writes instructions as text, as tests and traces show them. */
import { type Decoded, decode, instructionAt, instructionOf } from './encoding.ts'

/** The instruction at a place in the code: `local.get 3`, `br_if 1042`, `i32.load 0 +16` (memory 0, offset 16). */
export function print(code: Uint8Array, pc: number): string {
  return printInstruction(instructionAt(code, pc))
}

export function printInstruction(number: bigint): string {
  const decoded = decode(number)
  const instruction = instructionOf(decoded.opcode)
  if (!instruction) return `0x${number.toString(16).padStart(16, '0')}`
  const { name, layout } = instruction
  const special = SPECIAL[name]
  if (special) return `${name} ${special(decoded)}`
  switch (layout) {
    case 'none':
      return name
    case 'a':
      return `${name} ${decoded.a}`
    case 'b':
      return `${name} ${decoded.b}`
    case 'ab':
      // The others of this layout are loads and stores.
      return `${name} ${decoded.a} ${isAccess(name) ? `+${decoded.b}` : decoded.b}`
    case 'signed56':
      return `${name} ${decoded.immediate}`
    case 'unsigned56':
      return `${name} 0x${BigInt.asUintN(56, decoded.immediate).toString(16)}`
  }
}

const isAccess = (name: string) => /\.(load|store)/.test(name)

/** Immediates that hold two numbers: a target is written before a source. */
const SPECIAL: Record<string, (decoded: Decoded) => string> = {
  call: ({ a, b }) => `${b} (${a})`,
  call_indirect: ({ a, b }) => `${b >>> 24} type ${b & 0xffffff} (${a})`,
  'memory.copy': ({ a }) => `${a & 1} ${a >> 1}`,
  'table.copy': ({ a }) => `${a & 15} ${a >> 4}`,
  'memory.init': ({ a, b }) => `${a & 1} ${a >> 1} +${b}`,
  'table.init': ({ a, b }) => `${a & 15} ${a >> 4} +${b}`,
}
