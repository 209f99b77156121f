import { resolve } from 'node:path'
import { collateralFor, formatAmount, parseAmount, type Quote, quoteJob, type Token } from '@millrace/sdk'
import { findScheme } from '../config/findScheme.ts'
import { findToken } from '../config/findToken.ts'
import { openReader } from '../config/openClient.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { formatDuration, formatMoment } from '../format/formatTime.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { explainCost } from '../job/explainCost.ts'
import { parseAddress } from '../parse/parseAddress.ts'
import { parseFuel, parsePercent } from '../parse/parseQuantity.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { pairs } from '../terminal/table.ts'
import type { Program } from './command.ts'

interface QuoteOptions extends GlobalOptions {
  fuel?: string
  maxPrice?: string
  token?: string
  provider?: string
  scheme?: string
  checked?: string
}

/** Percent of results that somebody runs again, where nobody says. */
const CHECKED = '5'

/** `millrace quote` */
export function addQuote({ command, does }: Program): void {
  does(
    command
      .command('quote <module>')
      .description(
        'the best offer for a program, and the most that it can cost; nothing is signed or reserved',
      )
      .option('--fuel <fuel>', 'the most fuel that it may use, such as 500M')
      .option('--max-price <amount>', 'the most that it may cost, all in')
      .option('--token <symbol>', "what it is paid in; else the market's first")
      .option('--provider <address>', 'nobody but this one')
      .option('--scheme <scheme>', "who judges a dispute: proof (nobody does), arbiter, or a scheme's leaf")
      .option(
        '--checked <percent>',
        'how many of its results will be run again: which collateral then makes lying a loss',
        CHECKED,
      ),
    quote,
  )
}

async function quote(session: Session, options: QuoteOptions, module = ''): Promise<Answer> {
  const program = readHostFile(resolve(session.cwd, module))
  const fuel = options.fuel === undefined ? undefined : parseFuel(options.fuel, '--fuel')
  const provider = options.provider === undefined ? undefined : parseAddress(options.provider, '--provider')
  const client = openReader(session, options)
  const token = await findToken(client, options.token)
  const maxPrice = options.maxPrice === undefined ? undefined : parseAmount(options.maxPrice, token)
  const scheme = await findScheme(client, options.scheme)
  const percent = parsePercent(options.checked ?? CHECKED, '--checked')
  try {
    const offer = await quoteJob(client, { program, fuel, maxPrice, provider, scheme, token: token.address })
    const { order: _, scheme: judge, dispute, ...rest } = offer.quote
    const needed = collateralFor({ gain: dispute.gain, q: percent / 100, scheme: judge })
    return {
      json: {
        ...{ ok: true, fuel: offer.fuel, ...rest },
        dispute: { ...dispute, checked: percent / 100, collateralNeeded: needed },
        ...{ arbiter: judge.arbiter, symbol: token.symbol },
      },
      lines: describeQuote(offer.quote, offer.fuel, token, { percent, needed }),
    }
  } catch (error) {
    throw explainCost(error, token)
  }
}

function describeQuote(
  { provider, price, most, parts, collateral, scheme, dispute, validUntil }: Quote,
  fuel: bigint,
  token: Token,
  { percent, needed }: { percent: number; needed: bigint },
): string[] {
  const amount = (value: bigint) => formatAmount(value, token)
  const part = (value: bigint) => (value > 0n ? amount(value) : undefined)
  const enough = needed <= collateral ? 'which is there' : 'more than is there'
  return pairs([
    ['most', `${amount(most)}, all in; what is not used comes back`],
    ['  compute', `${amount(parts.compute)} for ${formatFuel(fuel)} at ${amount(price)} a gigafuel`],
    ['  flat', part(parts.flat)],
    ['  retainer', part(parts.retainer)],
    ['  claims', part(parts.claimFee)],
    ['  matcher', part(parts.matcherFee)],
    ['provider', provider],
    ['collateral', `${amount(collateral)}, put up by the provider`],
    [
      '  lying',
      `earns ${amount(dispute.gain)} at most, and nothing on average where ${share(dispute.checkingRate)} of results are checked`,
    ],
    [`  at ${percent} %`, `that takes a collateral of ${amount(needed)}, ${enough}`],
    ...describeDispute(scheme, dispute, amount),
    ['good until', formatMoment(Number(validUntil), Date.now() / 1000)],
  ])
}

function describeDispute(
  { arbiter, arbiterFee }: Quote['scheme'],
  { limit, proof }: Quote['dispute'],
  amount: (value: bigint) => string,
): [string, string][] {
  const time = (seconds: bigint) => formatDuration(Number(seconds))
  if (!proof) {
    return [
      ['dispute', `${time(limit)} at most; judged by ${arbiter}, for ${amount(arbiterFee)} from the loser`],
    ]
  }
  const { providerClock, challengerClock, leastLimit, leastWindow } = proof
  return [
    [
      'dispute',
      `${time(limit)} at most; whoever is right proves it, for a bond of at least ${amount(arbiterFee)}`,
    ],
    [
      '  clocks',
      `${time(challengerClock)} for who challenges, ${time(providerClock)} for the provider, and more with each move`,
    ],
    ['  at least', `${time(leastLimit)} for so much fuel, after ${time(leastWindow)} in which to challenge`],
  ]
}

const share = (rate: number): string => `${(rate * 100).toFixed(rate < 0.1 ? 1 : 0)} %`
