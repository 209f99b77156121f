/** Telling a caller how far its job is. */
import type { MillraceClient } from '../client/client.ts'
import type { OnPhase, Phase, PhaseName } from './phase.ts'

export type Tell = (phase: PhaseName, facts?: Phase['facts'], cost?: Pick<Phase, 'tx' | 'gas'>) => void

export function teller(client: MillraceClient, onPhase?: OnPhase): Tell {
  return (phase, facts = {}, cost = {}) => onPhase?.({ phase, at: client.now(), facts, ...cost })
}
