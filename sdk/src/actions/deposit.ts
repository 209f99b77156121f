import { type Address, erc20Abi, type Hex, parseAbi, parseEventLogs } from 'viem'
import { escrowAbi } from '../abi/index.gen.ts'
import { approveCall, depositCall, depositWithPermitCall } from '../calls/escrow.ts'
import { type Chain, getChain, getChainTime } from '../client/chain.ts'
import { accountOf, type MillraceClient } from '../client/client.ts'
import { type SentTransaction, transact } from '../client/transact.ts'
import { type Domain, domainSeparator } from '../documents/domain.ts'

export interface DepositParameters {
  token: Address
  /** Base units. */
  amount: bigint
  /** Whom it is for; without it, the client's account. */
  account?: Address
}

/** A permit is good for this long: enough for a slow chain, too short to be found later. */
const PERMIT_SECONDS = 1_800n

const permitAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function nonces(address owner) view returns (uint256)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
])

const PERMIT_TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
}

/**
 * Puts money into the escrow: one transaction where the allowance is there or the token has EIP-2612 permits,
 * otherwise an approval first.
 */
export async function deposit(
  client: MillraceClient,
  { token, amount, account }: DepositParameters,
): Promise<SentTransaction & { credited: bigint }> {
  const owner = accountOf(client, 'deposit').address
  const chain = await getChain(client)
  const { escrow } = chain.contracts
  const target = { escrow, token, amount, account: account ?? owner }

  const allowance = await chain.publicClient.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'allowance',
    args: [owner, escrow],
  })
  if (allowance < amount) {
    const permit = await signPermit(client, chain, token, amount)
    if (permit) return credited(await transact(client, depositWithPermitCall({ ...target, ...permit })))
    await transact(client, approveCall({ token, spender: escrow, amount }))
  }
  return credited(await transact(client, depositCall(target)))
}

/** A permit for the escrow; undefined where the token has none. */
async function signPermit(
  client: MillraceClient,
  chain: Chain,
  token: Address,
  value: bigint,
): Promise<{ deadline: bigint; signature: Hex } | undefined> {
  const signer = accountOf(client, 'deposit')
  const [nonce, domain, now] = await Promise.all([
    nonceOf(chain, token, signer.address),
    permitDomain(chain, token),
    // The chain's clock counts, not this machine's.
    getChainTime(client),
  ])
  if (nonce === undefined || !domain) return undefined
  const deadline = now + PERMIT_SECONDS
  const message = { owner: signer.address, spender: chain.contracts.escrow, value, nonce, deadline }
  const signature = await signer.signTypedData({
    domain,
    types: PERMIT_TYPES,
    primaryType: 'Permit',
    message,
  })
  return { deadline, signature }
}

function nonceOf({ publicClient }: Chain, token: Address, owner: Address): Promise<bigint | undefined> {
  return publicClient
    .readContract({ address: token, abi: permitAbi, functionName: 'nonces', args: [owner] })
    .catch(() => undefined)
}

/** The token's EIP-712 domain, guessed as nearly all tokens have it and checked against its separator. */
async function permitDomain({ publicClient }: Chain, token: Address): Promise<Domain | undefined> {
  const read = { address: token, abi: permitAbi } as const
  try {
    const [name, separator, version] = await Promise.all([
      publicClient.readContract({ ...read, functionName: 'name' }),
      publicClient.readContract({ ...read, functionName: 'DOMAIN_SEPARATOR' }),
      publicClient.readContract({ ...read, functionName: 'version' }).catch(() => '1'),
    ])
    const domain = { name, version, chainId: publicClient.chain!.id, verifyingContract: token }
    return domainSeparator(domain) === separator ? domain : undefined
  } catch {
    return undefined
  }
}

function credited(sent: SentTransaction): SentTransaction & { credited: bigint } {
  const [event] = parseEventLogs({ abi: escrowAbi, eventName: 'Deposited', logs: sent.receipt.logs })
  return { ...sent, credited: event!.args.amount }
}
