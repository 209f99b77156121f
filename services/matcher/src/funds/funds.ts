import { escrowAbi } from '@millrace/sdk/abi'
import type { Address, PublicClient } from 'viem'

/** Free balances as the escrow last said. Forgotten whenever a block says anything about money. */
export class Funds {
  readonly #client: PublicClient
  readonly #escrow: Address
  #known = new Map<string, bigint>()

  constructor(client: PublicClient, escrow: Address) {
    this.#client = client
    this.#escrow = escrow
  }

  forget(): void {
    this.#known = new Map()
  }

  /** Undefined where it is not known; `load` asks. */
  free(account: Address, token: Address): bigint | undefined {
    return this.#known.get(account + token)
  }

  async load(accounts: readonly { account: Address; token: Address }[]): Promise<void> {
    const known = this.#known
    await Promise.all(
      accounts.map(async ({ account, token }) => {
        if (!known.has(account + token)) known.set(account + token, await this.#ask(account, token))
      }),
    )
  }

  /** What the escrow says now. */
  async read(account: Address, token: Address): Promise<bigint> {
    await this.load([{ account, token }])
    return this.free(account, token) ?? this.#ask(account, token)
  }

  async #ask(account: Address, token: Address): Promise<bigint> {
    const [free] = await this.#client.readContract({
      address: this.#escrow,
      abi: escrowAbi,
      functionName: 'balanceOf',
      args: [account, token],
    })
    return free
  }
}
