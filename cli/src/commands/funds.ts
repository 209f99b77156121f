import { deposit, formatAmount, getChain, getFunds, mint, parseAmount, withdraw } from '@millrace/sdk'
import { erc20Abi } from 'viem'
import { findToken } from '../config/findToken.ts'
import { addressOf, openClient, openReader } from '../config/openClient.ts'
import { CliError } from '../failures/CliError.ts'
import { groupThousands } from '../format/groupThousands.ts'
import { explainCost, explainWithdrawal } from '../job/explainCost.ts'
import { parseAddress } from '../parse/parseAddress.ts'
import { describeFunds, whyLocked } from '../show/funds.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

interface FundsOptions extends GlobalOptions {
  token?: string
}

/** `millrace funds [deposit|withdraw|mint]` */
export function addFunds({ command, does }: Program): void {
  const token = ['--token <symbol>', "symbol or address; else the market's first"] as const
  const funds = command
    .command('funds')
    .description('what is free, what is locked, why and until when')
    .option(...token)
    .option('--account <address>', 'whose; else the key’s own')
  does(funds, showFunds)
  does(funds.command('deposit <amount>').description('put money into the escrow'), depositFunds)
  does(
    funds
      .command('withdraw <amount>')
      .description('take free money out of the escrow')
      .option('--to <address>', 'where to; else the key’s own account'),
    withdrawFunds,
  )
  does(funds.command('mint <amount>').description('make test money, where the token has a faucet'), mintFunds)
}

async function showFunds(session: Session, options: FundsOptions & { account?: string }): Promise<Answer> {
  const client = openReader(session, options)
  const account = options.account
    ? parseAddress(options.account, '--account')
    : await addressOf(session, options, 'tasker')
  const token = await findToken(client, options.token)
  const [funds, { publicClient }] = await Promise.all([
    getFunds(client, { token: token.address, account }),
    getChain(client),
  ])
  const wallet = await publicClient.readContract({
    address: token.address,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [account],
  })
  const locks = funds.locks?.map((lock) => ({ ...lock, reason: whyLocked(lock) }))
  return {
    json: { ok: true, ...funds, wallet, locks, symbol: token.symbol, decimals: token.decimals },
    lines: describeFunds(funds, wallet, token, Math.floor(Date.now() / 1000)),
  }
}

async function depositFunds(session: Session, options: FundsOptions, amount = ''): Promise<Answer> {
  const { client } = await openClient(session, options, 'tasker')
  const token = await findToken(client, options.token)
  const parameters = { token: token.address, amount: parseAmount(amount, token) }
  const { hash, receipt, credited } = await deposit(client, parameters).catch((error) => {
    throw explainCost(error, token)
  })
  return {
    json: { ok: true, tx: hash, gas: receipt.gasUsed, credited, token: token.address },
    lines: [
      `Deposited ${formatAmount(credited, token)}; gas ${groupThousands(receipt.gasUsed.toString())}; transaction ${hash}`,
    ],
  }
}

async function withdrawFunds(
  session: Session,
  options: FundsOptions & { to?: string },
  amount = '',
): Promise<Answer> {
  const { client, account } = await openClient(session, options, 'tasker')
  const token = await findToken(client, options.token)
  const to = options.to ? parseAddress(options.to, '--to') : account.address
  const parameters = { token: token.address, amount: parseAmount(amount, token), to }
  const { hash, receipt } = await withdraw(client, parameters).catch((error) => {
    throw explainWithdrawal(error, token)
  })
  return {
    json: { ok: true, tx: hash, gas: receipt.gasUsed, ...parameters },
    lines: [
      `Sent ${formatAmount(parameters.amount, token)} to ${to}; gas ${groupThousands(receipt.gasUsed.toString())}; transaction ${hash}`,
    ],
  }
}

async function mintFunds(session: Session, options: FundsOptions, amount = ''): Promise<Answer> {
  const { client, account } = await openClient(session, options, 'tasker')
  const token = await findToken(client, options.token)
  if (!token.faucet) {
    throw new CliError('no-faucet', `${token.symbol} has no faucet.`, {
      remedy: 'Get some from somebody who has it, then `millrace funds deposit`.',
      facts: { token: token.address },
    })
  }
  const wanted = parseAmount(amount, token)
  const { hash } = await mint(client, { token: token.address, amount: wanted, to: account.address })
  return {
    json: { ok: true, tx: hash, amount: wanted, token: token.address },
    lines: [
      `Made ${formatAmount(wanted, token)} for ${account.address}; deposit it with \`millrace funds deposit ${amount}\``,
    ],
  }
}
