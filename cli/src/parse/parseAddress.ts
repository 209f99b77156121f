import { type Address, getAddress, isAddress } from 'viem'
import { CliError } from '../failures/CliError.ts'

/** An account's address. One with capitals in it must have the right ones: they are its checksum. */
export function parseAddress(text: string, option: string): Address {
  if (isAddress(text)) return getAddress(text)
  throw new CliError('bad-value', `${option}: ${JSON.stringify(text)} is no address.`, {
    remedy: 'An address is 0x and 40 hexadecimal digits; capitals among them are a checksum.',
  })
}
