import { createMillraceClient, type DocumentSigner, type MillraceClient, signerFromKey } from '@millrace/sdk'
import { type Address, getAddress, type Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { CliError } from '../failures/CliError.ts'
import { jailedTracer } from '../job/jailedTracer.ts'
import { threadRunner } from '../job/threadRunner.ts'
import { readKeystore } from '../keystore/keystoreFile.ts'
import { findPassword } from '../terminal/askSecret.ts'
import type { GlobalOptions, Session } from '../terminal/Session.ts'
import { keySource, matcherUrl, type Role } from './settings.ts'

/** A client that can only read. */
export function openReader(session: Session, options: GlobalOptions): MillraceClient {
  return createMillraceClient({ matcher: matcherUrl(session, options), rpcUrl: session.env.MILLRACE_RPC })
}

/** A client that signs with the key of this role, asking for its password if need be. */
export async function openClient(
  session: Session,
  options: GlobalOptions,
  role: Role,
): Promise<{ client: MillraceClient; account: PrivateKeyAccount }> {
  const matcher = matcherUrl(session, options)
  const { account, key } = await openIdentity(session, options, role)
  const client = createMillraceClient({
    ...{ matcher, account, key },
    rpcUrl: session.env.MILLRACE_RPC,
    runner: threadRunner(session.interrupted),
    tracer: jailedTracer(session.interrupted),
  })
  return { client, account }
}

/** One key in two shapes: the account sends transactions, the signer is faster at documents. */
export interface Identity {
  readonly account: PrivateKeyAccount
  readonly key: DocumentSigner
}

export async function openIdentity(session: Session, options: GlobalOptions, role: Role): Promise<Identity> {
  const privateKey = await openPrivateKey(session, options, role)
  return { account: privateKeyToAccount(privateKey), key: signerFromKey(privateKey) }
}

/** The key itself, for what cannot be given an account. */
export async function openPrivateKey(session: Session, options: GlobalOptions, role: Role): Promise<Hex> {
  const { file, preset } = keySource(session, options, role)
  const json = readKeystore(file)
  const password = await findPassword(session, options, { file, preset })
  const { unsealKey } = await import('../keystore/sealKey.ts')
  return unsealKey(json, password, file)
}

/** Whose address the key's file names; its password is not needed for that. */
export async function addressOf(session: Session, options: GlobalOptions, role: Role): Promise<Address> {
  const { file } = keySource(session, options, role)
  const { addressInKeystore } = await import('../keystore/sealKey.ts')
  const address = addressInKeystore(readKeystore(file))
  if (address !== undefined) return getAddress(address)
  throw new CliError('keystore-unreadable', `${file} is no keystore file of version 3.`, {
    remedy: 'Make one with `millrace key new`, or name another with --keystore.',
    facts: { file },
  })
}
