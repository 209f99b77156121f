/** A run as a player of the proof game needs it. */
import type { Hex } from 'viem'

/**
 * Answers about one run of a program on the step machine. All that it does may take long, and may be done in another
 * process.
 */
export interface Tracer {
  /** Hashes of the states after so many steps, ascending. Beyond the end, the last state's. */
  statesAt(steps: readonly bigint[]): Promise<Hex[]>
  ending(): Promise<Ending>
  /** Of the step that begins with the state after `step` steps. */
  proveAt(step: bigint): Promise<StepProof>
  /** The same step for people. */
  lookAt(step: bigint): Promise<StepView>
  close(): Promise<void>
}

/** How a run ended. */
export interface Ending {
  readonly steps: bigint
  /** As a Result says it. */
  readonly status: number
  readonly fuelUsed: bigint
  /** Commitment. */
  readonly output: Hex
  /** Of the least tree over the output's bytes. */
  readonly outputRoot: Hex
  readonly programRoot: Hex
  /** What the program root stands for. */
  readonly program: { readonly code: Hex; readonly memory: Hex; readonly slots: Hex; readonly pages: Hex }
  /** The last state. */
  readonly last: {
    readonly registers: Hex
    readonly sizes: Hex
    readonly stack: Hex
    readonly memory: Hex
    readonly slots: Hex
    readonly input: Hex
    readonly output: Hex
  }
}

export interface StepProof {
  /** Hash of the state before the step. */
  readonly state: Hex
  /** What the contract needs of it. */
  readonly witness: Hex
  /** Hash of the state after it. */
  readonly next: Hex
}

/** A step for people. */
export interface StepView {
  readonly step: bigint
  readonly pc: number
  /** As text. */
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
  /** Of the machine, before the step and after it. */
  readonly status: readonly [before: number, after: number]
}

export interface WrittenView {
  readonly region: string
  /** What the region holds there, such as `global 3`. */
  readonly role: string
  /** In bytes from the region's start. */
  readonly at: number
  /** Of a slot 8, little-endian. */
  readonly bytes: Hex
}
