/** Instructions that are functions of their operands. */
import type { Handler } from './machine.ts'
import { trapIf } from './machine.ts'

/** From slots to a slot, or to nothing where it traps. Without a second operand, `b` is 0. */
export type Compute = (a: bigint, b: bigint) => bigint | undefined

export function numeric(functions: Readonly<Record<string, Compute>>): Record<string, Handler> {
  const handlers: Record<string, Handler> = {}
  for (const [name, compute] of Object.entries(functions)) {
    handlers[name] = (m) => {
      const { top } = m
      const result = m.instruction.pops === 1 ? compute(top, 0n) : compute(m.second, top)
      trapIf(result === undefined)
      m.done(result)
    }
  }
  return handlers
}

/** The same functions under names that begin with their type's. */
export function prefixed(
  prefix: string,
  functions: Readonly<Record<string, Compute>>,
): Record<string, Compute> {
  return Object.fromEntries(Object.entries(functions).map(([name, each]) => [prefix + name, each]))
}
