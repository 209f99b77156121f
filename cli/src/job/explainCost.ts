import { formatAmount, type Token, type WhyNot } from '@millrace/sdk'
import { CliError } from '../failures/CliError.ts'
import { describeWhyNot } from '../show/whyNot.ts'

/** An error about money or offers in a person's terms: amounts with their unit, reasons counted. Others as they are. */
export function explainCost(error: unknown, token: Token): unknown {
  const { code, facts = {} } = error as { code?: string; facts?: Record<string, unknown> }
  const { wanted, free, most, budget, balance, needed } = facts
  if (code === 'insufficient-funds' && typeof wanted === 'bigint' && typeof free === 'bigint') {
    return tooLittle(error, free, wanted, token)
  }
  if (code === 'erc20-insufficient-balance' && typeof needed === 'bigint' && typeof balance === 'bigint') {
    return emptyWallet(error, balance, needed, token)
  }
  if (code === 'over-budget' && typeof most === 'bigint' && typeof budget === 'bigint') {
    return overBudget(error, most, budget, token)
  }
  if (code === 'no-offer' && Array.isArray(facts.reasons))
    return noOffer(error, facts as unknown as WhyNot, token)
  return error
}

/** The same of money that is to leave the escrow, where a deposit would be no remedy. */
export function explainWithdrawal(error: unknown, token: Token): unknown {
  const { code, facts = {} } = error as { code?: string; facts?: Record<string, unknown> }
  const { wanted, free } = facts
  if (code !== 'insufficient-funds' || typeof wanted !== 'bigint' || typeof free !== 'bigint') return error
  const shown = { free: formatAmount(free, token), wanted: formatAmount(wanted, token) }
  return new CliError('insufficient-funds', `Only ${shown.free} are free to be taken out.`, {
    remedy: '`millrace funds` shows what else is locked, why and until when.',
    facts: shown,
    cause: error,
  })
}

function tooLittle(cause: unknown, free: bigint, needed: bigint, token: Token): CliError {
  const missing = formatAmount(needed - free, token)
  const number = missing.slice(0, -token.symbol.length - 1)
  return new CliError('insufficient-funds', `Too little money: ${missing} are missing.`, {
    remedy: `\`millrace funds deposit ${number}\`, or run with --deposit; \`millrace funds\` shows what is locked.`,
    facts: { free: formatAmount(free, token), needed: formatAmount(needed, token), missing },
    cause,
  })
}

/** The deposit itself failed. */
function emptyWallet(cause: unknown, balance: bigint, needed: bigint, token: Token): CliError {
  const missing = formatAmount(needed - balance, token)
  return new CliError('insufficient-funds', `The wallet has too little to deposit: ${missing} are missing.`, {
    remedy: `Get more ${token.symbol} (\`millrace funds mint\` where it is test money), or ask for less.`,
    facts: { wallet: formatAmount(balance, token), needed: formatAmount(needed, token), missing },
    cause,
  })
}

function overBudget(cause: unknown, most: bigint, budget: bigint, token: Token): CliError {
  const facts = { most: formatAmount(most, token), allowed: formatAmount(budget, token) }
  return new CliError('over-budget', `It can cost ${facts.most}, and --max-price allows ${facts.allowed}.`, {
    remedy: 'Allow more with --max-price, ask for less --fuel, or wait for a cheaper offer.',
    facts,
    retryable: true,
    cause,
  })
}

function noOffer(cause: unknown, whyNot: WhyNot, token: Token): CliError {
  return new CliError('no-offer', 'Nobody offers this now.', {
    facts: { ...whyNot },
    details: describeWhyNot(whyNot, token),
    remedy: 'Change what most offers lack (more --max-price, less --fuel), or wait for other offers.',
    retryable: true,
    cause,
  })
}
