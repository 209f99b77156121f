import { CliError } from '../failures/CliError.ts'

/** Options that other tools have for secrets; here they only explain. */
const SECRET_OPTIONS = ['--private-key', '--key', '--secret', '--mnemonic', '--password', '--pk']
const PLAIN_KEY = /^(0x)?[0-9a-fA-F]{64}$/

/**
 * Refuses a command line with a secret on it. Words after `--` belong to the program that is to be run.
 *
 * @throws {CliError} `key-on-command-line`, which does not repeat the secret
 */
export function refuseKeys(words: readonly string[]): void {
  const end = words.indexOf('--')
  const own = end < 0 ? words : words.slice(0, end)
  for (const [index, word] of own.entries()) {
    const [name = '', value] = word.split('=', 2)
    const isSecret = SECRET_OPTIONS.includes(name) && (value ?? own[index + 1]) !== undefined
    const isKeyForFile = ['--keystore', '--password-file', '--from'].includes(name)
    if (isSecret || (isKeyForFile && PLAIN_KEY.test(value ?? own[index + 1] ?? ''))) throw refuse(name)
    if (word === 'import' && own[index - 1] === 'key' && PLAIN_KEY.test(own[index + 1] ?? ''))
      throw refuse('key import')
  }
}

function refuse(where: string): CliError {
  return new CliError('key-on-command-line', `A secret was given on the command line (${where}).`, {
    remedy:
      'Every user of this computer can read it there, and the shell keeps it in its history: if it was real, move ' +
      'its money to a new key. `millrace key import` asks for a key, or reads it from a file with --from; a ' +
      'password comes from a prompt, --password-file or MILLRACE_PASSWORD_FILE.',
  })
}
