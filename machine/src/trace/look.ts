/** A step as people read it. */
import { printInstruction } from '../isa/print.ts'
import type { FunctionName } from '../link/functionNames.ts'
import type { Lowered } from '../lower/lowered.ts'
import type { ProvableState } from '../step/prove.ts'
import { type RegionName, SLOT_BYTES } from './places.ts'
import { type Access, Watch } from './watch.ts'

export interface StepView {
  readonly step: bigint
  readonly pc: number
  /** As `print` writes it. */
  readonly instruction: string
  /** Its function's name, a stranger's text, or its index where it has none. Of what calls the program, -1. */
  readonly function: string | number
  /** Left before the step. */
  readonly fuel: bigint
  /** Slots that it takes from the stack, the top first. */
  readonly operands: readonly bigint[]
  /** Slots that it leaves there. */
  readonly results: readonly bigint[]
  /** What it writes elsewhere, locals among it. */
  readonly written: readonly WrittenView[]
  /** Of the machine, before the step and after it: one of `MACHINE_STATUS`. */
  readonly status: readonly [before: number, after: number]
}

export interface WrittenView {
  readonly region: RegionName
  /** What the region holds there, such as `global 3`. */
  readonly role: string
  /** In bytes from the region's start. */
  readonly at: number
  /** Of a slot 8, little-endian. */
  readonly bytes: Uint8Array
}

const ON_TOP = new Set(['top', 'second', 'third', 'result', 'link'])

/** Shows the next step of a state, which stays as it is. */
export function viewOf(
  step: bigint,
  state: ProvableState,
  lowered: Lowered,
  names: (index: number) => FunctionName,
): StepView {
  const { before, after, word, reads, writes } = new Watch(state).step()
  const index = functionAt(lowered, before.pc)
  return {
    step,
    pc: before.pc,
    instruction: printInstruction(word ?? 0n),
    function: index === undefined ? -1 : (names(index).name ?? index),
    fuel: before.fuel,
    operands: reads.filter(isOperand).map(slotOf),
    results: writes.filter(isOperand).map(slotOf),
    written: writes
      .filter((access) => !isOperand(access))
      .map(({ region, role, at, bytes }) => ({ region, role, at, bytes })),
    status: [before.status, after.status],
  }
}

const isOperand = ({ region, role }: Access): boolean => region === 'stack' && ON_TOP.has(role)

function slotOf({ bytes }: Access): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, SLOT_BYTES).getBigUint64(0, true)
}

/** The function that an instruction is in; none for those before the first. */
export function functionAt({ functions }: Lowered, pc: number): number | undefined {
  let low = 0
  let high = functions.length
  // Imports, which begin nowhere, come first, and all others in the order of their code.
  while (low < high) {
    const middle = (low + high) >>> 1
    if (functions[middle]! <= pc) low = middle + 1
    else high = middle
  }
  const index = low - 1
  return index >= 0 && functions[index]! > 0 ? index : undefined
}
