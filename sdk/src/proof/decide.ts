/** What a side does next in a proof game. Pure, but for the run that it asks for states. */
import type { Hex } from 'viem'
import { cameOut, type Defence, defenceOf } from './computation.ts'
import type { Side } from './game.ts'
import {
  firstLevelOf,
  gridOf,
  type PostedSplit,
  SECTIONS,
  type Section,
  sectionOf,
  stepsOf,
} from './split.ts'
import type { StepProof, Tracer } from './tracer.ts'
import type { GameView } from './view.ts'

export type GameAction =
  | { readonly do: 'defend'; readonly defence: Defence }
  | { readonly do: 'split'; readonly section: Section; readonly ends: readonly Hex[] }
  | { readonly do: 'prove'; readonly section: Section; readonly step: bigint; readonly witness: Hex }
  /** The other side's clock is out. */
  | { readonly do: 'timeout' }
  | { readonly do: 'wait'; readonly until: bigint; readonly why: WaitReason }
  /** Nothing can be done in the game any more. */
  | { readonly do: 'over' }

/**
 * their-turn: the other side moves, or loses when its clock is out · not-this-result: this side's run came out
 * otherwise, so there is nothing to defend · nothing-wrong: what the other side posted is what this side's run says ·
 * too-late: this side's own clock is out
 */
export type WaitReason = 'their-turn' | 'not-this-result' | 'nothing-wrong' | 'too-late'

export type NextMove =
  /** No section's end is wrong. */
  | { readonly do: 'wait' }
  | { readonly do: 'split'; readonly section: Section; readonly ends: readonly Hex[] }
  /** Of the step from here on. */
  | { readonly do: 'prove'; readonly section: Section; readonly step: bigint }

/** Answers the other side's split. The run must begin where the split does. */
export async function nextMove(posted: PostedSplit, run: Pick<Tracer, 'statesAt'>): Promise<NextMove> {
  const { firstStep, level, ends } = posted
  const ours = await run.statesAt(gridOf(level, firstStep))
  const index = ends.findIndex((end, i) => end !== ours[i])
  if (index < 0) return { do: 'wait' }

  const section = sectionOf(posted, index)
  const step = firstStep + stepsOf(level, index)
  if (level === 0) return { do: 'prove', section, step }
  return { do: 'split', section, ends: await run.statesAt(gridOf(level - 1, step)) }
}

/** @param now unix seconds of the chain */
export async function decide(view: GameView, side: Side, tracer: Tracer, now: bigint): Promise<GameAction> {
  if (view.state === 'ended' || now >= view.ruleBy) return { do: 'over' }
  const late = now >= view.deadline
  if (view.turn !== side) {
    return late ? { do: 'timeout' } : { do: 'wait', until: view.deadline, why: 'their-turn' }
  }
  // No clock stops a proof, as long as nobody has ended the game by it.
  if (late && view.state !== 'prove') return { do: 'wait', until: view.ruleBy, why: 'too-late' }
  return view.state === 'defend' ? defend(view, tracer) : answer(view, tracer)
}

async function defend({ contested, level, deadline }: GameView, tracer: Tracer): Promise<GameAction> {
  const ending = await tracer.ending()
  if (!cameOut(ending, contested)) return { do: 'wait', until: deadline, why: 'not-this-result' }
  const first = firstLevelOf(ending.steps, level - 1)
  const states = await tracer.statesAt(gridOf(first).slice(0, SECTIONS - 1))
  return { do: 'defend', defence: defenceOf(contested, ending, first, states) }
}

async function answer(view: GameView, tracer: Tracer): Promise<GameAction> {
  const { firstStep, level, deadline } = view
  const move = await nextMove({ start: view.start!, ends: view.ends!, firstStep, level }, tracer)
  const wait = { do: 'wait', until: deadline, why: 'nothing-wrong' } as const
  if (move.do === 'wait') return wait
  if (move.do === 'split') return move
  const proof = await tracer.proveAt(move.step)
  return proves(proof, move.section) ? { ...move, witness: proof.witness } : wait
}

/** Whoever plays a run that is not true comes to a step that it cannot show to be wrong. */
function proves(proof: StepProof, section: Section): boolean {
  return proof.state === section.from && proof.next !== section.to
}
