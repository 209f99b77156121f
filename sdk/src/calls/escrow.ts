/** Calls of the escrow and of tokens. */
import { type Address, erc20Abi, type Hex, parseAbi, parseSignature } from 'viem'
import { escrowAbi } from '../abi/index.gen.ts'
import { type Call, call } from './call.ts'

interface OnEscrow {
  escrow: Address
  token: Address
}

/** Takes `amount` from the caller, who approved it before, and credits what arrives to `account`. */
export function depositCall(p: OnEscrow & { amount: bigint; account: Address }): Call {
  return of(p.escrow, 'deposit', p.token, p.amount, p.account)
}

/** The same with an EIP-2612 permit of the caller. */
export function depositWithPermitCall(
  p: OnEscrow & { amount: bigint; account: Address; deadline: bigint; signature: Hex },
): Call {
  const { r, s, yParity } = parseSignature(p.signature)
  return of(p.escrow, 'depositWithPermit', p.token, p.amount, p.account, p.deadline, 27 + yParity, r, s)
}

/** Sends the caller's free balance to `to`. */
export function withdrawCall(p: OnEscrow & { amount: bigint; to: Address }): Call {
  return of(p.escrow, 'withdraw', p.token, p.amount, p.to)
}

/** Names an operator, which signs orders that lock up to `cap` before `until` (unix seconds). Cap 0 ends it. */
export function setOperatorCall(p: OnEscrow & { operator: Address; cap: bigint; until: bigint }): Call {
  return of(p.escrow, 'setOperator', p.operator, p.token, p.cap, p.until)
}

export function approveCall(p: { token: Address; spender: Address; amount: bigint }): Call {
  return call(p.token, 'token', erc20Abi, 'approve', [p.spender, p.amount])
}

/** Money for development: only test tokens have a faucet. */
export function mintCall(p: { token: Address; to: Address; amount: bigint }): Call {
  return call(p.token, 'token', parseAbi(['function mint(address to, uint256 amount)']), 'mint', [
    p.to,
    p.amount,
  ])
}

function of(escrow: Address, functionName: string, ...args: unknown[]): Call {
  return call(escrow, 'escrow', escrowAbi, functionName, args)
}
