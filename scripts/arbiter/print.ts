/** A resolution for a person: what was found, what differs, what follows. */
import type { Resolution } from './resolve.ts'

export function printResolution({
  case: found,
  evidence,
  rerun,
  comparison,
  suggestion,
  ruling,
}: Resolution): string[] {
  const ran =
    rerun.state === 'finished' ? `finished, ${rerun.runs} times alike` : `did not finish: ${rerun.why}`
  return [
    `Case ${found.id}`,
    `  lease ${found.lease}, ticket ${found.index}; provider ${found.provider}, challenger ${found.challenger}`,
    `  to be ruled before ${new Date(Number(found.ruleBy) * 1_000).toISOString()}`,
    'Evidence',
    ...evidence.findings.map(({ piece, state, detail }) => `  ${piece}: ${state} (${detail})`),
    'Run again',
    `  ${ran}`,
    ...(comparison ? printComparison(comparison) : []),
    suggestion.verdict
      ? `Suggested: ${suggestion.verdict}, because ${suggestion.why}.`
      : ['Nothing is suggested:', ...suggestion.doubts.map((doubt) => `  ${doubt}`)].join('\n'),
    ...(ruling ? [`Ruled ${ruling.verdict} in ${ruling.tx}, ${ruling.gas} gas.`] : []),
  ]
}

function printComparison({ same, differences }: NonNullable<Resolution['comparison']>): string[] {
  if (same) return ['  the same in status, fuel and output']
  return differences.flatMap(({ what, claimed, own, offset, view = [] }) => [
    `  ${what}: signed ${claimed}, own run ${own}${offset === undefined ? '' : `; first different byte ${offset}`}`,
    ...view.map((line) => `    ${line}`),
  ])
}

/** JSON of anything here: bigint as decimal strings, bytes by their number. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return part.toString()
    return part instanceof Uint8Array ? { bytes: part.length } : part
  })
}
