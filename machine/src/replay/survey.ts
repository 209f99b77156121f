/**
 * What compiled code must know of each function before it compiles any: how its steps can be counted, and whether it
 * can stop before it returns.
 */
import { OPCODE } from '../isa/opcode.gen.ts'
import type { Lowered } from '../lower/lowered.ts'

export const COUNTED = {
  /** Always the same number of steps: its callers count them. */
  byCallers: 0,
  /** It counts, and always returns. */
  quietly: 1,
  /** It counts, and may stop. */
  stopping: 2,
} as const

export interface Survey {
  /** By own function: one of {@link COUNTED}. */
  readonly counted: Uint8Array
  /** By own function: more steps than it can take from one place where it could stop, or its start, to the next one. */
  readonly stretch: Float64Array
  /** By own function: whether it calls one that may stop. */
  readonly leads: Uint8Array
}

/** Steps that a function may take without a place to stop. */
const LONGEST_QUIET = 100_000

const STOPPING = new Set<number>([
  ...[OPCODE.unreachable, OPCODE.halt, OPCODE.call_indirect],
  ...[OPCODE['memory.init'], OPCODE['memory.copy'], OPCODE['memory.fill']],
  ...[OPCODE['table.init'], OPCODE['table.copy'], OPCODE['table.fill'], OPCODE['table.grow']],
  ...[OPCODE['input.read'], OPCODE['output.write']],
])
const JUMPS = new Set<number>([OPCODE.br, OPCODE.br_if, OPCODE.br_unless])
const FORKS = new Set<number>([...JUMPS, OPCODE.br_table, OPCODE.return_link])

/** @param first pc of each own function's first instruction, in order */
export function survey(code: Lowered['code'], first: Uint32Array): Survey {
  const words = new Uint32Array(code.buffer, code.byteOffset, code.length / 4)
  const count = first.length
  const counted = new Uint8Array(count)
  const stretch = new Float64Array(count)
  const leads = new Uint8Array(count)
  const seen = new Uint8Array(count)
  // Callees before their callers; a call back to one that is not done yet is a recursion.
  for (let root = 0; root < count; root++) {
    if (seen[root]) continue
    const waiting = [root]
    while (waiting.length > 0) {
      const f = waiting.at(-1)!
      if (seen[f] === 0) {
        seen[f] = 1
        for (const callee of callees(words, first, f)) if (seen[callee] === 0) waiting.push(callee)
        continue
      }
      waiting.pop()
      if (seen[f] === 1) surveyOne(words, first, f, { counted, stretch, leads }, seen)
      seen[f] = 2
    }
  }
  return { counted, stretch, leads }
}

function surveyOne(words: Uint32Array, first: Uint32Array, f: number, found: Survey, seen: Uint8Array): void {
  const { counted, stretch, leads } = found
  const end = endOf(words, first, f)
  let steps = 0
  let kind: number = COUNTED.byCallers
  for (let pc = first[f]!; pc < end; pc++) {
    const low = words[2 * pc]!
    const high = words[2 * pc + 1]!
    const opcode = low & 0xff
    steps += opcode === OPCODE.slide ? Math.max(1, low >>> 8) : 1
    if (STOPPING.has(opcode)) kind = COUNTED.stopping
    else if (FORKS.has(opcode))
      kind = Math.max(kind, JUMPS.has(opcode) && high <= pc ? COUNTED.stopping : COUNTED.quietly)
    if (opcode === OPCODE.call_indirect) leads[f] = 1
    if (opcode !== OPCODE.call) continue
    const callee = functionAt(first, high)
    const calleeKind = seen[callee] === 2 ? counted[callee]! : COUNTED.stopping
    kind = Math.max(kind, calleeKind)
    if (calleeKind === COUNTED.stopping) leads[f] = 1
    else steps += stretch[callee]!
  }
  counted[f] = steps > LONGEST_QUIET ? COUNTED.stopping : kind
  stretch[f] = steps
}

function* callees(words: Uint32Array, first: Uint32Array, f: number): Generator<number> {
  const end = endOf(words, first, f)
  for (let pc = first[f]!; pc < end; pc++) {
    if ((words[2 * pc]! & 0xff) === OPCODE.call) yield functionAt(first, words[2 * pc + 1]!)
  }
}

function endOf(words: Uint32Array, first: Uint32Array, f: number): number {
  return first[f + 1] ?? words.length / 2
}

/** The own function that begins at pc. */
export function functionAt(first: Uint32Array, pc: number): number {
  let [low, high] = [0, first.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (first[middle]! <= pc) low = middle
    else high = middle - 1
  }
  return low
}
