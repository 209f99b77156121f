import { INSTRUCTIONS } from '../../src/isa/instructions.ts'
import type { BrokenHandler } from './breakage.ts'
import { BROKEN_CONTROL } from './control.ts'
import { BROKEN_MEMORY, brokenAccess } from './memory.ts'
import { BROKEN_STACK } from './stack.ts'
import { BROKEN_TABLES } from './tables.ts'

const BROKEN = { ...BROKEN_CONTROL, ...BROKEN_STACK, ...BROKEN_TABLES, ...BROKEN_MEMORY }

/** Breakages of an instruction that is no computation. */
export function brokenHandlers(name: string): BrokenHandler {
  const { class: kind } = INSTRUCTIONS.find((each) => each.name === name)!
  return BROKEN[name] ?? (kind === 'memory' ? brokenAccess(name) : {})
}
