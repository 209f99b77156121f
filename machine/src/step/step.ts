/**
 * One step of the machine, as `docs/MACHINE.md` specifies it: one function for those who prove a step, who check a
 * proof, and who only want the next state.
 */
import { decode, instructionOf } from '../isa/encoding.ts'
import { INSTRUCTIONS } from '../isa/instructions.ts'
import { MACHINE_STATUS } from '../state/state.ts'
import { BULK } from './bulk.ts'
import { CONTROL } from './control.ts'
import { FLOAT } from './float.ts'
import { INTEGER } from './integer.ts'
import { type Handler, Machine, MOST_SLOTS, type Opener, readSlot, TRAP, trapIf } from './machine.ts'
import { MEMORY } from './memory.ts'
import { numeric } from './numeric.ts'
import { PRIMITIVE } from './primitive.ts'
import { GLOBAL, REGISTER } from './register.ts'
import { STACK } from './stack.ts'
import { TABLE } from './table.ts'

/** By name, as the table of instructions has it. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  ...CONTROL,
  ...STACK,
  ...numeric(INTEGER),
  ...numeric(FLOAT),
  ...REGISTER,
  ...GLOBAL,
  ...TABLE,
  ...MEMORY,
  ...BULK,
  ...PRIMITIVE,
}

const BY_OPCODE: Handler[] = []
for (const { opcode, name } of INSTRUCTIONS) BY_OPCODE[opcode] = HANDLERS[name]!

const MOST_PC = 2 ** 28

/** Takes the state that the opener gives to the next one. */
export function step(opener: Opener): void {
  const { registers } = opener
  if (registers.status !== MACHINE_STATUS.running) {
    opener.openWorld(false)
    return
  }
  const before = registers.sp
  try {
    execute(opener)
  } catch (thrown) {
    if (thrown !== TRAP) throw thrown
    registers.status = statusOfTrap(registers.stop)
    return
  }
  if (registers.sp >= before) return
  if (registers.sp > 0) opener.stack.open(Math.floor((registers.sp - 1) / 4))
  opener.stack.truncate(registers.sp)
}

function execute(opener: Opener): void {
  const { pc, sp } = opener.registers
  if (pc >= MOST_PC) {
    opener.openWorld(false)
    throw TRAP
  }
  const decoded = decode(readSlot(opener.code, pc))
  const instruction = instructionOf(decoded.opcode)
  opener.openWorld(instruction?.world ?? false)
  if (!instruction) throw TRAP
  const { pops, pushes } = instruction
  trapIf(sp < pops || sp > MOST_SLOTS || sp - pops + pushes > MOST_SLOTS)
  BY_OPCODE[decoded.opcode]!(new Machine(opener, instruction), decoded)
}

/** A program that stops itself says why before it traps. */
function statusOfTrap(stop: number): number {
  if (stop === 2) return MACHINE_STATUS.outOfFuel
  if (stop === 3) return MACHINE_STATUS.stackExhausted
  return MACHINE_STATUS.trapped
}
