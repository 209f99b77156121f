import { buildProgram } from '@millrace/machine'
import { functionNames, instructionAt, instructionOf, lower } from '@millrace/machine/steps'
import {
  type Ending,
  type GameView,
  gridOf,
  otherSide,
  type Side,
  type StepView,
  type Tracer,
} from '@millrace/sdk'
import type { Hex } from 'viem'
import type { Described } from '../trace/describe.ts'
import type { RunBytes } from './runBytes.ts'

/** The step that a game came down to, as a run here makes it. */
export interface DisputedStep {
  /** Section of the last split. */
  readonly index: number
  readonly look: StepView
  readonly program: Described
  /** Who posted the step. */
  readonly poster: Side
  /** State before it, on which both agree. */
  readonly from: Hex
  /** State after it, as its poster says, and as it is. */
  readonly posted: Hex
  readonly own: Hex
}

export interface TracedDispute {
  /** How the job ends here. */
  readonly ending: Ending
  /** Absent before sections are single steps, and where none of them is wrong. */
  readonly step: DisputedStep | undefined
  /** Sections are single steps, and all of them are right. */
  readonly isRight: boolean
}

/** Runs the job of a game here, and looks at the step that it came down to. */
export async function traceDispute(
  tracer: Tracer,
  { program }: RunBytes,
  game: GameView,
): Promise<TracedDispute> {
  const ending = await tracer.ending()
  const { ends, firstStep, level, state, turn } = game
  const none = { ending, step: undefined }
  if (level > 0 || !ends || game.start === undefined) return { ...none, isRight: false }
  const own = await tracer.statesAt(gridOf(0, firstStep))
  const index = ends.findIndex((end, at) => end !== own[at])
  if (index < 0) return { ...none, isRight: true }
  const look = await tracer.lookAt(firstStep + BigInt(index))
  const canonical = buildProgram(program).canonical
  return {
    ending,
    isRight: false,
    step: {
      ...{ index, look },
      program: { lowered: lower(canonical), names: functionNames(program) },
      // Whoever's turn it is answers what the other one posted; a game that ended keeps the last turn.
      poster: state === 'ended' && game.proven ? game.loser! : otherSide(turn),
      from: index === 0 ? game.start : ends[index - 1]!,
      posted: ends[index]!,
      own: own[index]!,
    },
  }
}

/** The instruction that a step makes; undefined for a number that is no instruction's. */
export function instructionIn({ program, look }: DisputedStep) {
  const { code } = program.lowered
  if (look.pc * 8 >= code.length) return undefined
  return instructionOf(Number(instructionAt(code, look.pc) & 0xffn))
}
