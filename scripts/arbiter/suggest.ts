/** Which ruling follows from what was found: a pure function. Any doubt, and it suggests none. */
import type { Comparison } from './compare.ts'
import type { Finding, Piece } from './evidence.ts'
import type { Rerun } from './rerun.ts'

export type Suggestion =
  | { readonly verdict: 'guilty' | 'clean'; readonly why: string }
  | { readonly verdict: undefined; readonly doubts: readonly string[] }

export interface Grounds {
  readonly findings: readonly Finding[]
  readonly rerun: Rerun
  /** Absent where the run did not finish. */
  readonly comparison: Comparison | undefined
  /** Unix seconds. */
  readonly now: bigint
  readonly ruleBy: bigint
}

/**
 * Pieces without which nothing can be run or said. The output is none of them: its root is in the signed result,
 * and a liar could otherwise escape by keeping the bytes. Signatures that are not shown were checked by the
 * contracts; ones that are shown and wrong mean that something is going on.
 */
const NEEDED: readonly Piece[] = ['program', 'input', 'ticket']
const SIGNATURES: readonly Piece[] = ['ticket-signature', 'result-signature']

/** Seconds that a ruling needs to be mined in time. */
const MARGIN = 30n

export function suggestRuling({ findings, rerun, comparison, now, ruleBy }: Grounds): Suggestion {
  const doubts: string[] = []
  for (const piece of NEEDED) {
    const finding = findings.find((each) => each.piece === piece)
    if (!finding) doubts.push(`${piece}: not looked at`)
    else if (finding.state !== 'right' && finding.state !== 'fetched')
      doubts.push(`${piece}: ${finding.detail}`)
  }
  for (const { piece, state, detail } of findings) {
    if (SIGNATURES.includes(piece) && state === 'wrong') doubts.push(`${piece}: ${detail}`)
  }
  if (rerun.state === 'unfinished') doubts.push(`the run did not finish: ${rerun.why}`)
  if (rerun.state === 'finished' && !comparison) doubts.push('the results were not compared')
  if (now + MARGIN >= ruleBy) doubts.push(`too late: it had to be ruled by ${ruleBy}, and it is ${now}`)
  if (doubts.length > 0 || !comparison) return { verdict: undefined, doubts }

  return comparison.same
    ? { verdict: 'clean', why: 'running it again gave the same status, fuel and output' }
    : {
        verdict: 'guilty',
        why: `running it again gave another ${comparison.differences.map((each) => each.what).join(', ')}`,
      }
}
