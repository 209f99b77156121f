import { resolve } from 'node:path'
import { formatAmount, parseAmount, type Quote, quoteJob, type Token } from '@millrace/sdk'
import { findToken } from '../config/findToken.ts'
import { openReader } from '../config/openClient.ts'
import { formatFuel } from '../format/formatFuel.ts'
import { formatMoment } from '../format/formatTime.ts'
import { readHostFile } from '../job/collectFiles.ts'
import { explainCost } from '../job/explainCost.ts'
import { parseAddress } from '../parse/parseAddress.ts'
import { parseFuel } from '../parse/parseQuantity.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import { pairs } from '../terminal/table.ts'
import type { Program } from './command.ts'

interface QuoteOptions extends GlobalOptions {
  fuel?: string
  maxPrice?: string
  token?: string
  provider?: string
}

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
      .option('--provider <address>', 'nobody but this one'),
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
  try {
    const offer = await quoteJob(client, { program, fuel, maxPrice, provider, token: token.address })
    const { order: _, scheme, ...rest } = offer.quote
    return {
      json: { ok: true, fuel: offer.fuel, ...rest, arbiter: scheme.arbiter, symbol: token.symbol },
      lines: describeQuote(offer.quote, offer.fuel, token),
    }
  } catch (error) {
    throw explainCost(error, token)
  }
}

function describeQuote(
  { provider, price, most, parts, collateral, scheme, validUntil }: Quote,
  fuel: bigint,
  token: Token,
): string[] {
  const amount = (value: bigint) => formatAmount(value, token)
  const part = (value: bigint) => (value > 0n ? amount(value) : undefined)
  return pairs([
    ['most', `${amount(most)}, all in; what is not used comes back`],
    ['  compute', `${amount(parts.compute)} for ${formatFuel(fuel)} at ${amount(price)} a gigafuel`],
    ['  flat', part(parts.flat)],
    ['  retainer', part(parts.retainer)],
    ['  claims', part(parts.claimFee)],
    ['  matcher', part(parts.matcherFee)],
    ['collateral', `${amount(collateral)}, put up by the provider`],
    ['provider', provider],
    ['arbiter', `${scheme.arbiter}, for ${amount(scheme.arbiterFee)} from whoever loses a dispute`],
    ['good until', formatMoment(Number(validUntil), Date.now() / 1000)],
  ])
}
