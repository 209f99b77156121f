/** Calls of the proof scheme: the moves of its games. */
import type { Address, Hex } from 'viem'
import { proofSchemeAbi } from '../abi/index.gen.ts'
import type { Defence } from '../proof/computation.ts'
import type { Game } from '../proof/game.ts'
import type { Section } from '../proof/split.ts'
import { type Call, call } from './call.ts'

interface OnGame {
  proofScheme: Address
  /** As the newest event has it. */
  game: Game
}

interface OfCase {
  /** To which the verdict goes: the market's `disputes`. */
  receiver: Address
  caseId: Hex
}

export function defendGameCall(p: OnGame & { defence: Defence }): Call {
  return proof(p, 'defend', p.game, p.defence)
}

/** @param p `ends`: states after each 32nd of the section */
export function splitGameCall(p: OnGame & { section: Section; ends: readonly Hex[] }): Call {
  return proof(p, 'split', p.game, p.section, p.ends)
}

/** @param p `witness`: of the state before the step */
export function proveStepCall(p: OnGame & OfCase & { section: Section; witness: Hex }): Call {
  return proof(p, 'prove', p.game, p.section, p.receiver, p.caseId, p.witness)
}

/** @param p `contested`: root of the newest split's sections; before the defence, the computation's hash */
export function timeoutGameCall(p: OnGame & OfCase & { contested: Hex }): Call {
  return proof(p, 'timeout', p.game, p.contested, p.receiver, p.caseId)
}

function proof({ proofScheme }: OnGame, functionName: string, ...args: unknown[]): Call {
  return call(proofScheme, 'proofScheme', proofSchemeAbi, functionName, args)
}
