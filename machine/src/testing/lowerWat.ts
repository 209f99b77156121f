import { print } from '../isa/print.ts'
import { lower } from '../lower/lower.ts'
import type { Lowered } from '../lower/lowered.ts'
import { wat } from './wat.ts'

/** What every canonical program has beside its own: the entry, which gives 0, and the machine's globals. */
export const MACHINERY = `
  (func (export "millrace:run") (result i32) i32.const 0)
  (global (export "millrace:fuel") (mut i64) (i64.const 7))
  (global (export "millrace:state") (mut i32) (i32.const 7))
  (global (export "millrace:stack") (mut i32) (i32.const 7))`

/** pc of the first instruction behind the entry's. */
export const FIRST = 5

/**
 * Lowers a program of these fields. Its globals 0 to 2 are the machine's fuel, state and stack.
 *
 * @param imports text of the imports, which stand first
 */
export function lowerWat(fields: string, imports = ''): Lowered {
  return lower(wat(`(module ${imports} ${MACHINERY} ${fields})`), { map: true })
}

/** The code of the fields' functions, an instruction a line. Jumps name places in the whole, from {@link FIRST} on. */
export function linesOf({ code }: Lowered): string[] {
  return Array.from({ length: code.length / 8 - FIRST }, (_, i) => print(code, FIRST + i))
}
