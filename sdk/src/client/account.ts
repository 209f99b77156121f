/** Who acts: signs documents and sends transactions. */
import type { Address, Hex, LocalAccount, WalletClient } from 'viem'
import type { DocumentSigner } from '../documents/signed.ts'

export interface Transaction {
  to: Address
  data: Hex
  gas: bigint
  chainId: number
}

/** A signer that also sends: a browser's wallet, an ethers signer. */
export interface SendingAccount extends DocumentSigner {
  /** Signs, sends, and answers with the transaction's hash. */
  sendTransaction(transaction: Transaction): Promise<Hex>
}

/** A viem `LocalAccount` (`privateKeyToAccount`, `mnemonicToAccount`) or an account that sends by itself. */
export type MillraceAccount = LocalAccount | SendingAccount

/** An account over viem's wallet client: the way to a wallet in a browser. */
export function accountFromWallet(wallet: WalletClient): SendingAccount {
  const { account } = wallet
  if (!account) throw new TypeError('The wallet client has no account: create it with one.')
  return {
    address: account.address,
    signTypedData: (typedData) => wallet.signTypedData({ account, ...typedData }),
    sendTransaction: ({ to, data, gas }) => wallet.sendTransaction({ account, chain: null, to, data, gas }),
  }
}
