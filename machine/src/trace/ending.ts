import { packA, packB, packPages, type World } from '../state/registers.ts'
import type { StateTrees } from '../state/stateTrees.ts'
import type { Origin } from './rerun.ts'

/** How a run ended, with what a defence of its result is made of. Hashes and words are 32 bytes each. */
export interface Ending {
  readonly steps: bigint
  /** As a result says it: one of `STATUS_CODES`. */
  readonly status: number
  readonly fuelUsed: bigint
  /** The output's commitment. */
  readonly output: Uint8Array
  /** Of the least tree over the output's bytes. */
  readonly outputRoot: Uint8Array
  readonly programRoot: Uint8Array
  /** What the program root stands for. */
  readonly program: Readonly<Record<'code' | 'memory' | 'slots' | 'pages', Uint8Array>>
  /** The last state: both words of registers, and roots of its regions; the input's commitment. */
  readonly last: Readonly<Record<'registers' | 'sizes' | 'stack', Uint8Array>> & World
}

/**
 * @param trees of the last state
 * @param origin of the honest run: the program is what it is, whatever became of its code
 */
export function endingOf(steps: bigint, trees: StateTrees, origin: Origin): Ending {
  const { program, lowered, limits } = origin
  const { registers } = trees
  const { statusCode, fuelUsed, output } = trees.result(limits.fuel)
  const { code, memory, slots, pages } = program
  return {
    steps,
    status: statusCode,
    fuelUsed,
    output,
    outputRoot: trees.outputRoot,
    programRoot: program.programRoot(lowered.maxPages),
    program: {
      code: code.root,
      memory: memory.root,
      slots: slots.root,
      pages: packPages({ pages, maxPages: lowered.maxPages }),
    },
    last: { registers: packA(registers), sizes: packB(registers), stack: trees.stack.root, ...trees.world },
  }
}
