import type { Hex } from 'viem'
import { CliError } from '../failures/CliError.ts'

/** A job's, lease's or order's name: 32 bytes of hex. */
export function parseId(text: string, what: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex
  throw new CliError('bad-value', `${JSON.stringify(text)} is no ${what}.`, {
    remedy: `A ${what} is 0x and 64 hexadecimal digits; \`millrace ${what === 'case' ? 'dispute' : 'job'} list\` shows them.`,
  })
}
