import { getChain, type MillraceClient, type Phase, type Token } from '@millrace/sdk'
import type { Hex } from 'viem'
import { findScheme } from '../../cli/src/config/findScheme.ts'
import { groupThousands } from '../../cli/src/format/groupThousands.ts'
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

/** Leaf of the market's scheme of a kind. */
export async function schemeOf({ client }: Tour, kind: 'proof' | 'arbiter'): Promise<Hex> {
  return (await findScheme(client, kind))!
}

export async function gasOfTransaction({ client }: Tour, hash: Hex | undefined): Promise<bigint | undefined> {
  if (!hash) return undefined
  const { publicClient } = await getChain(client)
  return (await publicClient.getTransactionReceipt({ hash })).gasUsed
}

export const gasText = (gas: bigint | undefined): string =>
  gas === undefined ? 'unknown' : groupThousands(gas.toString())
