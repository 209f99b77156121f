import * as crypto from 'node:crypto'
import { promisify } from 'node:util'
import { decryptKeystoreJson, encryptKeystoreJson, isKeystoreJson, scrypt, Wallet } from 'ethers'
import type { Hex } from 'viem'
import { CliError } from '../failures/CliError.ts'

/** How much work a guess of the password is; the default is geth's standard: 128 MiB and a good part of a second. */
export interface Hardness {
  readonly N: number
}

const STANDARD: Hardness = { N: 131_072 }

// Node's own scrypt is several times faster than the one in JavaScript that ethers brings.
const nodeScrypt = promisify(
  (
    password: Uint8Array,
    salt: Uint8Array,
    length: number,
    options: crypto.ScryptOptions,
    done: (error: Error | null, key: Buffer) => void,
  ) => crypto.scrypt(password, salt, length, options, done),
)
scrypt.register(async (password, salt, N, r, p, length) =>
  nodeScrypt(password, salt, length, { N, r, p, maxmem: 256 * N * r }),
)

/** A key as the JSON of a keystore file, version 3. */
export async function sealKey(privateKey: Hex, password: string, hardness = STANDARD): Promise<string> {
  const { address } = new Wallet(privateKey)
  return encryptKeystoreJson({ address, privateKey }, password, { scrypt: { ...hardness } })
}

/**
 * The key in a keystore's JSON.
 *
 * @throws {CliError} `keystore-unreadable` for another kind of file or a wrong password
 */
export async function unsealKey(json: string, password: string, file: string): Promise<Hex> {
  if (!isKeystoreJson(json)) {
    throw new CliError('keystore-unreadable', `${file} is no keystore file of version 3.`, {
      remedy: 'Make one with `millrace key new`, or turn a plain key into one with `millrace key import`.',
    })
  }
  try {
    return (await decryptKeystoreJson(json, password)).privateKey as Hex
  } catch (cause) {
    throw new CliError('keystore-unreadable', `The password does not open ${file}.`, {
      remedy: 'Try again with the right password; nothing can open the file without it.',
      cause,
    })
  }
}

/** The address that a keystore's JSON names, without its password. */
export function addressInKeystore(json: string): Hex | undefined {
  if (!isKeystoreJson(json)) return undefined
  const { address } = JSON.parse(json) as { address?: string }
  return address === undefined ? undefined : (`0x${address.replace(/^0x/, '').toLowerCase()}` as Hex)
}
