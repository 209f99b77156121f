import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Hex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { keySource } from '../config/settings.ts'
import { CliError } from '../failures/CliError.ts'
import { defaultKeystore, readKeystore, writeKeystore } from '../keystore/keystoreFile.ts'
import { askSecret, findPassword } from '../terminal/askSecret.ts'
import type { Answer, GlobalOptions, Session } from '../terminal/Session.ts'
import type { Program } from './command.ts'

/** `millrace key new|import|show` */
export function addKey({ command, does }: Program): void {
  const key = command.command('key').description('make and show keys; they live in keystore files, version 3')
  does(key.command('new').description('make a new key'), newKey)
  does(
    key
      .command('import')
      .description('seal a key that you have; asks for it where no file is named')
      .option('--from <file>', 'a file with the plain key, or a keystore file'),
    importKey,
  )
  does(key.command('show').description('show the address of the key that would act'), showKey)
}

async function newKey(session: Session, options: GlobalOptions): Promise<Answer> {
  return storeKey(session, options, generatePrivateKey())
}

async function importKey(session: Session, options: GlobalOptions & { from?: string }): Promise<Answer> {
  const text = options.from
    ? readFrom(resolve(session.cwd, options.from))
    : session.stdin.isTTY
      ? await askSecret(session, 'The private key (64 hexadecimal digits)')
      : await readAll(session.stdin)
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) {
    const { unsealKey } = await import('../keystore/sealKey.ts')
    const password = await findPassword(session, options, { file: options.from ?? 'standard input' })
    return storeKey(session, options, await unsealKey(trimmed, password, options.from ?? 'standard input'))
  }
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(trimmed)) {
    throw new CliError('keystore-unreadable', 'That is no private key.', {
      remedy: 'A private key is 64 hexadecimal digits, with or without 0x.',
    })
  }
  return storeKey(session, options, `0x${trimmed.replace(/^0x/, '').toLowerCase()}`)
}

async function storeKey(session: Session, options: GlobalOptions, privateKey: Hex): Promise<Answer> {
  const file = targetFile(session, options)
  const password = await findPassword(session, options, { file, twice: true })
  const { addressInKeystore, sealKey } = await import('../keystore/sealKey.ts')
  const json = await sealKey(privateKey, password)
  writeKeystore(file, json)
  const address = addressInKeystore(json)!
  return {
    json: { ok: true, address, file },
    lines: [`${address}`, `Sealed in ${file}. Keep a copy of it and its password: nothing can replace them.`],
  }
}

async function showKey(session: Session, options: GlobalOptions): Promise<Answer> {
  const { file } = keySource(session, options, 'tasker')
  const { addressInKeystore } = await import('../keystore/sealKey.ts')
  const address = addressInKeystore(readKeystore(file))
  if (address === undefined) {
    throw new CliError('keystore-unreadable', `${file} is no keystore file of version 3.`, {
      remedy: 'Make one with `millrace key new`, or name another with --keystore.',
      facts: { file },
    })
  }
  return { json: { ok: true, address, file }, lines: [`${address}  ${file}`] }
}

/** A new key never goes to a development stack's folder, only where it was sent or home. */
function targetFile(session: Session, options: GlobalOptions): string {
  const named = options.keystore ?? session.env.MILLRACE_KEYSTORE
  return named === undefined ? defaultKeystore(session.env) : resolve(session.cwd, named)
}

function readFrom(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CliError('keystore-unreadable', `${file} cannot be read.`, {
      remedy: 'Name a file that holds the key.',
      facts: { file },
      cause,
    })
  }
}

async function readAll(stream: Session['stdin']): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
