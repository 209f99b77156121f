// Steps of real runs, drawn at random, with their proofs.
import { StepMachine } from '../../machine/src/interpret/stepMachine.ts'
import { INSTRUCTION_BYTES, instructionOf } from '../../machine/src/isa/encoding.ts'
import type { Instruction } from '../../machine/src/isa/instructions.ts'
import type { Lowered } from '../../machine/src/lower/lowered.ts'
import { ProgramTrees, StateTrees } from '../../machine/src/state/stateTrees.ts'
import { type ProvenStep, proveStep } from '../../machine/src/step/prove.ts'

/** A run that can be made again. */
export interface Run {
  readonly name: string
  readonly lowered: Lowered
  readonly input: Uint8Array
}

export interface DrawnStep extends ProvenStep {
  readonly program: string
  readonly step: bigint
  readonly instruction: Instruction
}

/** Random numbers below some bound; the same for the same seed. */
export type Dice = (bound: number) => number

/** Beyond the end of every run. */
const END = 2n ** 62n
const LIMITS = { fuel: 10n ** 13n, outputMax: 1 << 20 }

/** Steps drawn uniformly from all of a run, in ascending order. */
export function drawSteps(run: Run, count: number, dice: Dice): DrawnStep[] {
  const machine = start(run)
  machine.runTo(END)
  const total = Number(machine.steps)
  const drawn = Array.from({ length: count }, () => BigInt(dice(total)))
  return proveSteps(run, drawn)
}

/**
 * Steps of rare instructions: of each name some, drawn from the first steps of a run.
 *
 * @param wanted says of which instructions
 * @param most how many steps of the run are looked at
 */
export function drawRare(
  run: Run,
  wanted: (instruction: Instruction) => boolean,
  { count, most, dice }: { count: number; most: number; dice: Dice },
): DrawnStep[] {
  const byName = new Map<string, { seen: number; drawn: bigint[] }>()
  const machine = start(run)
  for (let i = 0; i < most && machine.memories.status === 0; i++) {
    const instruction = instructionAt(machine, run)
    if (wanted(instruction)) {
      const kept = byName.get(instruction.name) ?? { seen: 0, drawn: [] }
      byName.set(instruction.name, kept)
      // Each of those seen is kept with the same chance.
      const place = kept.seen < count ? kept.seen : dice(kept.seen + 1)
      if (place < count) kept.drawn[place] = machine.steps
      kept.seen++
    }
    machine.runTo(machine.steps + 1n)
  }
  return proveSteps(
    run,
    [...byName.values()].flatMap(({ drawn }) => drawn),
  )
}

function proveSteps(run: Run, steps: readonly bigint[]): DrawnStep[] {
  const machine = start(run)
  const first = machine.state()
  const trees = new StateTrees(new ProgramTrees(first), first)
  return steps
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((step) => {
      machine.runTo(step)
      trees.update(machine.state())
      return { program: run.name, step, instruction: instructionAt(machine, run), ...proveStep(trees) }
    })
}

const start = ({ lowered, input }: Run): StepMachine => new StepMachine(lowered, input, LIMITS)

function instructionAt(machine: StepMachine, { lowered }: Run): Instruction {
  return instructionOf(lowered.code[machine.memories.pc * INSTRUCTION_BYTES]!)!
}
