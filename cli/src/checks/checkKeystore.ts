import { statSync } from 'node:fs'
import { readKeystore } from '../keystore/keystoreFile.ts'
import { addressInKeystore } from '../keystore/sealKey.ts'
import { type Finding, fail, ok, warn } from './Check.ts'

/** Whether the key's file is there, is a keystore, and is nobody else's to read. */
export function checkKeystore(file: string): Finding {
  let json: string
  try {
    json = readKeystore(file)
  } catch {
    return warn('keystore', `${file} is not there`, 'Make a key with `millrace key new`.')
  }
  const address = addressInKeystore(json)
  if (address === undefined) {
    return fail('keystore', `${file} is no keystore of version 3`, 'Name another file with --keystore.')
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    return warn('keystore', `${file} can be read by other users`, `Close it: chmod 600 ${file}`)
  }
  return ok('keystore', `${address} in ${file}`)
}
