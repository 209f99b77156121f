/**
 * DEVELOPMENT ONLY. The accounts of the local stack, all derived from the mnemonic that Hardhat publishes in its
 * documentation: everybody knows these keys. Whatever is sent to them on a real chain is gone within seconds.
 */
import { type Hex, toHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'

export const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk'

/** Password of the keystore files that hold these keys. It protects nothing, as there is nothing to protect. */
export const DEVELOPMENT_PASSWORD = 'millrace-development'

/** Positions under the mnemonic; those above are free for tests. */
const POSITIONS = {
  deployer: 0,
  matcher: 1,
  arbiter: 2,
  tasker: 3,
  /** Honest, cheap. */
  provider1: 4,
  /** Honest, dearer. */
  provider2: 5,
  /** Lies about its results. */
  liar: 6,
  /** Nobody's yet: for a provider that the user starts by hand. */
  spare: 7,
  /** Earns the matcher's fees; its key is nowhere in the matcher. */
  treasury: 8,
  /** Signs the matcher's receipts of delivery; holds nothing. */
  store: 9,
  /** Runs results again, and challenges wrong ones. */
  watcher: 10,
} as const

export type DevelopmentRole = keyof typeof POSITIONS

export type DevelopmentAccounts = Readonly<Record<DevelopmentRole, HDAccount>>

/** Accounts from here on are used by no part of the stack. */
export const FIRST_FREE_POSITION = 11

/** How many accounts Hardhat's node funds; hardhat.config.ts says so. */
export const FUNDED_ACCOUNTS = 48

/** The private key of a development account: for programs that cannot be given an account. */
export const developmentKey = (account: HDAccount): Hex => toHex(account.getHdKey().privateKey!)

/** The account at a position. */
export function developmentAccount(position: number): HDAccount {
  return mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex: position })
}

export function developmentAccounts(): DevelopmentAccounts {
  const entries = Object.entries(POSITIONS).map(([role, position]) => [role, developmentAccount(position)])
  return Object.fromEntries(entries) as DevelopmentAccounts
}
