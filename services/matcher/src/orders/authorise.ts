/** Whether an order could open a lease now: its money, its nonce, its signature. The contract asks the same. */
import { recoverHash } from '@millrace/sdk'
import { escrowAbi, leasesAbi } from '@millrace/sdk/abi'
import { type Address, encodeFunctionData, type Hex, parseAbi } from 'viem'
import type { Context } from '../context.ts'
import { RefusedError } from '../errors.ts'
import { unavailablePart } from '../unavailable.ts'

export interface Claimant {
  digest: Hex
  account: Address
  token: Address
  nonce: bigint
  signature: Hex
  /** What a lease of this order locks at least. */
  needed: bigint
}

/** Money first: it costs a stranger something to have it, and a signature costs nothing to forge. */
export async function authorise(context: Context, claimant: Claimant): Promise<void> {
  await Promise.all([checkMoney(context, claimant), checkNonce(context, claimant)])
  await checkSignature(context, claimant)
}

async function checkMoney({ funds, book }: Context, { account, token, needed }: Claimant): Promise<void> {
  const free = (await funds.read(account, token)) - book.held(account, token)
  if (free >= needed) return
  const missing = needed - free
  throw new RefusedError(
    402,
    'insufficient-funds',
    `${account} has ${free} free, ${needed} is needed: ${missing} more.`,
    {
      remedy: 'Deposit what is missing into the escrow, and send the order again.',
      facts: { account, token, free, needed, missing },
    },
  )
}

async function checkNonce(
  { client, contracts }: Context,
  { account, nonce, digest }: Claimant,
): Promise<void> {
  const read = { address: contracts.leases, abi: leasesAbi } as const
  const [bits, lowest] = await Promise.all([
    client.readContract({ ...read, functionName: 'nonceBits', args: [account, nonce >> 8n] }),
    client.readContract({ ...read, functionName: 'lowestNonce', args: [account] }),
  ])
  if (nonce >= lowest && (bits & (1n << (nonce & 255n))) === 0n) return
  throw new RefusedError(422, 'order-cancelled', `Nonce ${nonce} of ${account} was cancelled or used.`, {
    remedy: 'Sign the order again with a nonce that was never used.',
    facts: { digest, account, nonce },
  })
}

async function checkSignature(context: Context, claimant: Claimant): Promise<void> {
  const { account, digest, signature } = claimant
  const signer = recover(digest, signature)
  if (signer === account) return
  if (await contractSigned(context, claimant)) return
  if (signer && (await isOperator(context, claimant, signer))) return
  throw new RefusedError(
    401,
    'bad-signature',
    `The order is not signed by ${account}, nor by an operator of it.`,
    {
      remedy: 'Sign with the key of the account, or with a key that the account named in the escrow.',
      facts: { digest, account, signer },
    },
  )
}

function recover(digest: Hex, signature: Hex): Address | undefined {
  try {
    return recoverHash(digest, signature)
  } catch {
    // ERC-1271 signatures may be anything.
    return undefined
  }
}

const ERC1271 = parseAbi(['function isValidSignature(bytes32, bytes) view returns (bytes4)'])
/** What the contract grants the account's code. */
const ERC1271_GAS = 100_000n
const ERC1271_YES = '0x1626ba7e'

async function contractSigned(
  { client }: Context,
  { account, digest, signature }: Claimant,
): Promise<boolean> {
  const code = await client.getCode({ address: account })
  if (!code) return false
  const data = encodeFunctionData({ abi: ERC1271, args: [digest, signature] })
  try {
    // 21,000 and the calldata come on top of what the code may use.
    const answer = await client.call({ to: account, data, gas: ERC1271_GAS + 200_000n })
    return answer.data?.slice(0, 10) === ERC1271_YES
  } catch (error) {
    // That the node is away says nothing about the signature.
    if (unavailablePart(error)) throw error
    return false
  }
}

async function isOperator(
  { client, contracts, clock }: Context,
  { account, token, needed }: Claimant,
  signer: Address,
): Promise<boolean> {
  const [left, until] = await client.readContract({
    address: contracts.escrow,
    abi: escrowAbi,
    functionName: 'operatorOf',
    args: [account, signer, token],
  })
  return left >= needed && BigInt(until) > clock.now()
}
