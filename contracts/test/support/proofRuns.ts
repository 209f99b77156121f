// Runs of real programs as sides of a proof game know them: by state hashes, and witnesses of single steps.

import { StepMachine } from '../../../machine/src/interpret/stepMachine.ts'
import { commit } from '../../../machine/src/io/commitment.ts'
import { encodeInput } from '../../../machine/src/io/input.ts'
import { treeDepth } from '../../../machine/src/io/merkle.ts'
import { lower } from '../../../machine/src/lower/lower.ts'
import { buildProgram } from '../../../machine/src/program.ts'
import { packA, packB } from '../../../machine/src/state/registers.ts'
import { ProgramTrees, StateTrees } from '../../../machine/src/state/stateTrees.ts'
import { firstState } from '../../../machine/src/step/firstState.ts'
import { proveStep } from '../../../machine/src/step/prove.ts'
import { gridOf, levelOf, SECTIONS } from '../../../sdk/src/proof/split.ts'
import { hex } from '../machine/support/chain.ts'
import type { Struct } from './market.ts'
import type { Run } from './proofGames.ts'

const END = 2n ** 62n

/** A lie: this step wrote so many zeros more to the output. */
export interface Lie {
  readonly step: bigint
  readonly output: bigint
}

export function realProgram(
  module: Uint8Array,
  limits: { readonly fuel: bigint; readonly outputMax: number },
) {
  const lowered = lower(buildProgram(module).canonical)
  const input = encodeInput({})
  const first = firstState(lowered, input, { fuel: limits.fuel, outputMax: BigInt(limits.outputMax) })
  const program = new ProgramTrees(first)
  const pages = Buffer.alloc(32)
  for (const [i, count] of [...lowered.pages, ...lowered.maxPages].entries())
    pages.writeUInt32BE(count, 4 * i)

  /** Goes to one step after another, each later than the one before. */
  function* walk(steps: readonly bigint[], lie?: Lie): Generator<StateTrees> {
    const trees = new StateTrees(program, first)
    let machine = new StepMachine(lowered, input, limits)
    let before = 0n
    for (const step of steps) {
      if (lie && step > lie.step && before === 0n) {
        before = lie.step + 1n
        machine.runTo(before)
        const { registers, ...rest } = machine.state()
        const changed = {
          ...rest,
          registers: { ...registers, outputLength: registers.outputLength + lie.output },
        }
        machine = new StepMachine(lowered, input, limits, changed)
      }
      machine.runTo(step - before)
      trees.update(machine.state())
      yield trees
    }
  }
  const hashes = (steps: readonly bigint[], lie?: Lie) =>
    Array.from(walk(steps, lie), (trees) => hex(trees.hash))

  function steps(): bigint {
    const machine = new StepMachine(lowered, input, limits)
    machine.runTo(END)
    return machine.steps
  }

  /** Somebody's run of it. */
  function runOf(lie?: Lie) {
    const run: Run = { statesAt: async (all) => hashes(all, lie) }
    const witness = (step: bigint) => {
      const [trees] = walk([step], lie)
      return hex(proveStep(trees!).witness)
    }
    const [last] = walk([END], lie)
    const { statusCode, fuelUsed, output } = last!.result(limits.fuel)
    const contested = {
      programRoot: hex(program.programRoot(lowered.maxPages)),
      input: commit(input),
      ...limits,
      status: BigInt(statusCode),
      fuelUsed,
      output: hex(output),
    }
    const level = levelOf(fuelUsed)
    const defence: Struct = {
      fuel: limits.fuel,
      level: level - 1,
      code: program.code.root,
      memory_: program.memory.root,
      slots: program.slots.root,
      pages,
      input: commit(input),
      registers: packA(last!.registers),
      sizes: packB(last!.registers),
      stack: last!.stack.root,
      lastMemory: last!.world.memory,
      lastSlots: last!.world.slots,
      outputRoot: last!.output.node(treeDepth(Number(last!.registers.outputLength)), 0),
      states: hashes(gridOf(level - 1).slice(0, SECTIONS - 1), lie),
    }
    return { run, witness, contested, defence, level }
  }
  return { runOf, steps }
}
