import { formatAmount, type Phase, RESULT_STATUS, type Token, type WhyNot } from '@millrace/sdk'
import { formatFuel } from '../format/formatFuel.ts'
import { formatMoment } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { escapeTerminal } from '../terminal/escape.ts'
import { shorten } from '../terminal/table.ts'
import { STATUS_WORDS } from './job.ts'
import { describeWhyNot } from './whyNot.ts'

type Facts = Phase['facts']

const name = (facts: Facts, fact: string): string => shorten(String(facts[fact]))

/** What each job costs besides its fuel, where the offer has such a part. */
function flat({ parts }: Facts, token: Token): string {
  const { flat = 0n } = (parts ?? {}) as { flat?: bigint }
  return flat > 0n ? ` and ${formatAmount(flat, token)} flat` : ''
}

const MOVES: Readonly<Record<string, string>> = {
  defend: 'shows its run',
  split: 'contests a section and splits it',
  prove: 'proves a step wrong',
  timeout: 'wins by the clock',
}

const ofSteps = (level: number): string =>
  level > 0 ? ` (sections of ${groupThousands((32n ** BigInt(level)).toString())} steps)` : ''

/** What each phase has to say; amounts are of `token`. */
const SENTENCES: Readonly<Record<Phase['phase'], (facts: Facts, token: Token) => string>> = {
  prepared: (facts) => `program ${name(facts, 'programRoot')}, input ${name(facts, 'input')}`,
  quoted: (facts, token) =>
    `at most ${formatAmount(facts.most as bigint, token)} for ${formatFuel(facts.fuel as bigint)} ` +
    `at ${formatAmount(facts.price as bigint, token)} a gigafuel${flat(facts, token)}, by ${name(facts, 'provider')}`,
  funded: (facts, token) => `${formatAmount(facts.amount as bigint, token)} deposited`,
  signed: (facts) => `bid ${facts.order}, good until ${formatMoment(Number(facts.end), Date.now() / 1000)}`,
  unmatched: (facts, token) =>
    ['nobody serves it now; it waits.', ...describeWhyNot(facts as unknown as WhyNot, token)].join('\n  '),
  matched: () => 'with an offer',
  leased: (facts, token) =>
    `${name(facts, 'lease')} by ${name(facts, 'provider')}, ` +
    `collateral ${formatAmount(facts.collateral as bigint, token)}`,
  running: (facts) => `job ${facts.job}`,
  failed: (facts) => `${facts.reason} by ${name(facts, 'provider')}; ${facts.left} attempts left`,
  finished: (facts) =>
    `the program ${STATUS_WORDS[facts.status as number] ?? 'ended'} after ${formatFuel(facts.fuelUsed as bigint)}`,
  checked: ({ rerun }) => (rerun ? 'run again here, to the same result' : 'signature and output are right'),
  contested: () => 'the result is wrong, and somebody else contests it already; waiting for that to end',
  challenged: (facts, token) =>
    `the result is wrong: case ${name(facts, 'caseId')}, bond ${formatAmount(facts.bond as bigint, token)}`,
  moved: ({ by, kind, level }) => `the ${by} ${MOVES[kind as string] ?? kind}${ofSteps(level as number)}`,
  ruled: ({ verdict, proven, step }) =>
    verdict === 'moot'
      ? 'moot: the lease was settled without this case; the bond is back'
      : `${verdict}${proven ? `, proven by step ${groupThousands(String(step ?? '?'))}` : ''}`,
  paid: (facts, token) => formatAmount(facts.amount as bigint, token),
}

const WIDTH = Math.max(...Object.keys(SENTENCES).map(({ length }) => length))

/** A phase of a job as it happens, on one line but for why-nots. */
export function describePhase({ phase, facts, gas }: Phase, token: Token): string {
  const cost = gas === undefined ? '' : `  (gas ${groupThousands(gas.toString())})`
  return escapeTerminal(`${phase.padEnd(WIDTH)}  ${SENTENCES[phase](facts, token)}${cost}`)
}

/** The code that a result carries for a status. */
export const statusCode = (status: (typeof RESULT_STATUS)[number]): number => RESULT_STATUS.indexOf(status)
