/** A case as people read it. */
import { formatAmount, type Token } from '@millrace/sdk'
import { zeroAddress } from 'viem'
import type { ReadDispute } from '../dispute/readDispute.ts'
import { type DisputedStep, instructionIn, type TracedDispute } from '../dispute/traceDispute.ts'
import { formatMoment } from '../format/formatTime.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { pairs, table } from '../terminal/table.ts'
import { listing, nameAt } from '../trace/describe.ts'
import { formatHexBytes, formatSlot, typesOf } from '../trace/values.ts'
import { type Claimed, describeClaims, describeMoves, describeStanding } from './game.ts'

const count = (value: bigint | number): string => groupThousands(String(value))

/** @param trace of the job, where it was run here */
export function describeDispute(found: ReadDispute, token: Token, trace?: TracedDispute): string[] {
  const { view, game, gas, now } = found
  const { scheme, result } = view
  const picked = trace?.step?.index ?? found.proven
  const shown = game && { view: game, gas, picked, isLeft: view.state !== 'open', now }
  const arbiter =
    scheme.arbiter === zeroAddress
      ? 'by proof, with no arbiter'
      : `by ${scheme.arbiter}, for ${formatAmount(scheme.arbiterFee, token)}`
  return [
    ...pairs([
      ['case', view.id],
      ['state', stateOf(found)],
      ['judged', arbiter],
      ['lease', view.lease],
      ['job', `${result.ticket}, ticket ${count(view.index)} of the lease`],
      ['provider', view.provider],
      ['challenger', `${view.challenger}, with a bond of ${formatAmount(view.bond, token)}`],
      ['opened', formatMoment(Number(view.openedAt), Number(now))],
    ]),
    '',
    ...describeClaims(claimsOf(found, trace)),
    ...(shown ? block(describeMoves(shown)) : []),
    ...block(
      shown ? describeStanding(shown) : pairs([['rule by', formatMoment(Number(view.ruleBy), Number(now))]]),
    ),
    ...(trace?.step ? block(describeDisputedStep(trace.step)) : []),
    ...(trace?.isRight ? block([`A run here makes the same steps: none of them is wrong.`]) : []),
    ...block(describeGas(found)),
  ]
}

const block = (lines: readonly string[]): string[] => (lines.length > 0 ? ['', ...lines] : [])

function stateOf({ view, frame }: ReadDispute): string {
  if (view.state !== 'open') return ENDS[view.state]
  return frame.some(({ what }) => what === 'ruled') ? 'ruled; anybody may settle it' : 'open'
}

const ENDS = {
  guilty: 'guilty: the result was wrong, and the collateral is slashed',
  clean: 'clean: the challenger did not show that the result is wrong, and lost its bond',
  'timed-out': 'timed out: nobody ruled; the job is not paid, the bond is back',
  moot: 'moot: the lease was settled without it (another case won, or it was closed), the bond is back',
} as const

function claimsOf({ view }: ReadDispute, trace: TracedDispute | undefined): Claimed[] {
  const { status, fuelUsed, output } = view.result
  const claimed = { who: 'the provider says', status, fuelUsed, output }
  return trace ? [claimed, { who: 'a run here says', ...trace.ending }] : [claimed]
}

/** The instruction in its function, what it takes, and both ends that it is said to have. */
function describeDisputedStep(step: DisputedStep): string[] {
  const { look, program, poster, from, posted, own } = step
  const instruction = instructionIn(step)
  const types = instruction ? typesOf(instruction) : {}
  const [operand, second] = [types.operand, types.second]
  return [
    `step ${count(look.step)}, in ${nameAt(program, look.pc)}`,
    '',
    ...listing(program, look.pc),
    '',
    ...table([
      ...look.operands.map((slot, at) => [
        at === 0 ? 'takes' : '',
        formatSlot(slot, at === 0 ? operand : second),
      ]),
      ...look.results.map((slot, at) => [at === 0 ? 'leaves' : '', formatSlot(slot, types.result)]),
      ...look.written.map(({ role, bytes }, at) => [
        at === 0 ? 'writes' : '',
        `${role} ${formatHexBytes(Buffer.from(bytes.slice(2), 'hex'))}`,
      ]),
    ]),
    '',
    ...pairs([
      ['state before', from],
      ['after, by the machine', own],
      [`after, by the ${poster}`, posted],
    ]),
  ]
}

/** What the case cost in gas so far, by what for. */
function describeGas({ frame, game, gas }: ReadDispute): string[] {
  const moves = game?.moves ?? []
  const sum = (transactions: readonly { tx: `0x${string}` }[]) =>
    [...new Set(transactions.map(({ tx }) => tx))].reduce((all, tx) => all + (gas.get(tx) ?? 0n), 0n)
  const by = (side: string) => moves.filter((move) => move.by === side)
  const around = frame.filter(({ tx }) => !moves.some((move) => move.tx === tx))
  const opened = around.filter(({ what }) => what === 'opened')
  const settled = around.filter(({ what }) => what !== 'opened')
  const rows: [string, bigint][] = [
    ['to open it', sum(opened)],
    ['the provider’s moves', sum(by('provider'))],
    ['the challenger’s moves', sum(by('challenger'))],
    ['to settle it', sum(settled)],
  ]
  const shown = rows.filter(([, used]) => used > 0n)
  if (shown.length > 1) shown.push(['in all', sum([...around, ...moves])])
  return pairs(shown.map(([what, used], at) => [at === 0 ? 'gas' : '', `${count(used)} ${what}`]))
}

/** The same as JSON. */
export function disputeJson(found: ReadDispute, trace?: TracedDispute): Record<string, unknown> {
  const { view, game, frame, gas, now, proven } = found
  const gasOf = <T extends { tx: `0x${string}` }>(step: T) => ({ ...step, gas: gas.get(step.tx) ?? null })
  return {
    case: { ...view, game: undefined },
    now,
    frame: frame.map(gasOf),
    game: game ? { ...game, moves: game.moves.map(gasOf), proven: game.proven ?? null } : null,
    section: trace?.step?.index ?? proven ?? null,
    run: trace ? { ...pickEnding(trace), step: trace.step ? stepJson(trace.step) : null } : null,
  }
}

const pickEnding = ({ ending }: TracedDispute) => {
  const { steps, status, fuelUsed, output } = ending
  return { steps, status, fuelUsed, output }
}

function stepJson({ look, poster, from, posted, own }: DisputedStep): Record<string, unknown> {
  return { ...look, poster, stateBefore: from, stateAfter: own, posted }
}
