import type { MillraceClient, Phase, Token } from '@millrace/sdk'
import { describePhase } from '../../cli/src/show/phase.ts'
import type { Stack } from '../stack/startStack.ts'

/** What every stop of the tour is given. */
export interface Tour {
  readonly stack: Stack
  /** Acts for the tasker. */
  readonly client: MillraceClient
  readonly token: Token
  readonly say: (line: string) => void
}

/** A listener that keeps a job's phases and tells each as it happens, with the time since the one before. */
export function follow({ say, token }: Tour): { phases: Phase[]; onPhase: (phase: Phase) => void } {
  const phases: Phase[] = []
  return {
    phases,
    onPhase: (phase) => {
      const before = phases.at(-1)?.at ?? phase.at
      phases.push(phase)
      say(`  ${describePhase(phase, token)}  +${phase.at - before} ms`)
    },
  }
}

/** The phases as they go into JSON. */
export const summarise = (phases: readonly Phase[]): object[] =>
  phases.map(({ phase, at, tx, gas }) => ({ phase, afterMs: at - phases[0]!.at, tx, gas }))

/** The gas of a phase, where it took a transaction of its own. */
export const gasOf = (phases: readonly Phase[], name: Phase['phase']): bigint | undefined =>
  phases.findLast(({ phase }) => phase === name)?.gas
