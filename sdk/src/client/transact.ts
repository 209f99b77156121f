/** Sends one call and waits for it; a refusal comes back as the class of the contract's error. */
import { createWalletClient, type Hex, type TransactionReceipt } from 'viem'
import type { Call } from '../calls/call.ts'
import { MillraceError } from '../errors/error.ts'
import { NetworkError } from '../errors/http.ts'
import { findRevert, RevertedError } from '../errors/revert.ts'
import type { MillraceAccount, SendingAccount } from './account.ts'
import { type Chain, getChain } from './chain.ts'
import { accountOf, type MillraceClient } from './client.ts'
import { Flight } from './flight.ts'
import { inTurn, takeNonce } from './turns.ts'

export interface SentTransaction {
  hash: Hex
  receipt: TransactionReceipt
}

export interface TransactOptions {
  /**
   * Unix seconds of the chain: by when it must be mined. The fee rises as that comes nearer, the same nonce is
   * replaced, and what nodes dropped is sent again. An account that sends by itself sees to its fees by itself.
   */
  deadline?: bigint
  /** Gives up waiting; what is on its way stays on its way. */
  signal?: AbortSignal
}

/** Gas that is asked for beyond the estimate: state may move between the two. */
const GAS_MARGIN = 120n // percent

/**
 * Sends `call` from the client's account; resolves when it is mined.
 *
 * @throws {ContractError} where a contract refuses it: at once, when it is mined, or while it waits, because something
 * else came first; with a deadline, it is then taken back
 */
export async function transact(
  client: MillraceClient,
  call: Call,
  { deadline, signal }: TransactOptions = {},
): Promise<SentTransaction> {
  const account = accountOf(client, call.label)
  const chain = await getChain(client)
  const gas = ((await estimateGas(client, call)) * GAS_MARGIN) / 100n
  signal?.throwIfAborted()
  const receipt =
    deadline === undefined || sendsItself(account)
      ? await sendOnce(client, account, chain, call, gas)
      : await new Flight(client, chain, account, { call, gas, deadline, signal, translate }).land()
  if (receipt.status === 'reverted') throw await whyReverted(client, chain, call, receipt)
  return { hash: receipt.transactionHash, receipt }
}

async function sendOnce(
  client: MillraceClient,
  account: MillraceAccount,
  chain: Chain,
  call: Call,
  gas: bigint,
): Promise<TransactionReceipt> {
  const hash = await inTurn(client, () => send(client, account, chain, call, gas))
  return chain.publicClient.waitForTransactionReceipt({ hash })
}

/** What a call would cost in gas; throws the contract's error where it would revert. */
export async function estimateGas(client: MillraceClient, call: Call): Promise<bigint> {
  const { address } = accountOf(client, call.label)
  const { publicClient } = await getChain(client)
  try {
    return await publicClient.estimateGas({ account: address, to: call.to, data: call.data })
  } catch (error) {
    throw translate(error, call)
  }
}

async function send(
  client: MillraceClient,
  account: MillraceAccount,
  chain: Chain,
  call: Call,
  gas: bigint,
): Promise<Hex> {
  const { publicClient, transport } = chain
  try {
    if (sendsItself(account)) {
      return await account.sendTransaction({
        to: call.to,
        data: call.data,
        gas,
        chainId: publicClient.chain!.id,
      })
    }
    const wallet = createWalletClient({ account, chain: publicClient.chain, transport })
    const nonce = await takeNonce(client, publicClient, account.address)
    const request = { to: call.to, data: call.data, gas, nonce, chain: publicClient.chain! }
    return await wallet.sendTransaction(request)
  } catch (error) {
    throw translate(error, call)
  }
}

function sendsItself(account: MillraceAccount): account is SendingAccount {
  return 'sendTransaction' in account
}

/** Asks again at the block that it reverted in; a race may have been lost that is over by now. */
async function whyReverted(
  client: MillraceClient,
  { publicClient }: Chain,
  call: Call,
  receipt: TransactionReceipt,
) {
  const { address } = accountOf(client, call.label)
  try {
    await publicClient.call({
      account: address,
      to: call.to,
      data: call.data,
      blockNumber: receipt.blockNumber,
    })
  } catch (error) {
    return translate(error, call)
  }
  return new RevertedError({ data: '0x', reason: `transaction ${receipt.transactionHash} was overtaken` })
}

function translate(error: unknown, call: Call): unknown {
  if (error instanceof MillraceError) return error
  return findRevert(error) ?? new NetworkError({ url: `the chain's node (${call.label})` }, error)
}
