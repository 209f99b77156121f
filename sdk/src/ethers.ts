/**
 * An ethers v6 signer as an account: `connect({ matcher, account: await accountFromEthers(signer) })`.
 *
 * The signer's own provider sends its transactions; a signer without one (`new Wallet(key)`) can sign documents
 * but not act on chain.
 */
import type { Signer, TypedDataField } from 'ethers'
import type { Address, Hex } from 'viem'
import type { SendingAccount } from './client/account.ts'

export async function accountFromEthers(signer: Signer): Promise<SendingAccount> {
  const address = (await signer.getAddress()) as Address
  return {
    address,
    signTypedData: async ({ domain, types, message }) =>
      // ethers derives the primary type: it is the one that no other type holds.
      (await signer.signTypedData(domain, types as Record<string, TypedDataField[]>, message)) as Hex,
    sendTransaction: async ({ to, data, gas, chainId }) =>
      (await signer.sendTransaction({ to, data, gasLimit: gas, chainId })).hash as Hex,
  }
}
