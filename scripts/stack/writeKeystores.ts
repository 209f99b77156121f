import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sealKey } from '../../cli/src/keystore/sealKey.ts'
import {
  DEVELOPMENT_PASSWORD,
  type DevelopmentAccounts,
  type DevelopmentRole,
  developmentKey,
} from './development-accounts.ts'

/** Everybody knows the password, so that nothing is gained by making guesses of it slow. */
const SOFT = { N: 1024 }

export interface Keystores {
  readonly files: Readonly<Record<DevelopmentRole, string>>
  readonly passwordFile: string
}

/** Writes the development keys as keystore files, since no program of the project takes a plain key. */
export async function writeKeystores(dir: string, accounts: DevelopmentAccounts): Promise<Keystores> {
  const folder = join(dir, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${DEVELOPMENT_PASSWORD}\n`, { mode: 0o600 })
  const files = await Promise.all(
    Object.entries(accounts).map(async ([role, account]) => {
      const file = join(folder, `${role}.json`)
      const json = await sealKey(developmentKey(account), DEVELOPMENT_PASSWORD, SOFT)
      writeFileSync(file, `${json}\n`, { mode: 0o600 })
      return [role, file]
    }),
  )
  return { files: Object.fromEntries(files) as Keystores['files'], passwordFile }
}
