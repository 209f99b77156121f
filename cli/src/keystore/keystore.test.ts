import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, describe, expect, it } from 'vitest'
import { checkKeystore } from '../checks/checkKeystore.ts'
import { readKeystore, writeKeystore } from './keystoreFile.ts'
import { refuseKeys } from './refuseKeys.ts'
import { addressInKeystore, sealKey, unsealKey } from './sealKey.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-keystore-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Test data, as anyone can see. */
const KEY = `0x${'01'.repeat(32)}` as const
/** Hard enough to be the real thing, soft enough for a test. */
const SOFT = { N: 1024 }

const coded = (code: string) => expect.objectContaining({ code })

describe('a keystore', () => {
  it('gives the key back to the right password alone', async () => {
    const json = await sealKey(KEY, 'right', SOFT)
    expect(json).not.toContain('01'.repeat(32))
    expect(JSON.parse(json).version).toBe(3)
    expect(await unsealKey(json, 'right', 'a file')).toBe(KEY)
    await expect(unsealKey(json, 'wrong', 'a file')).rejects.toThrow(coded('keystore-unreadable'))
  })

  it('tells its address without the password', async () =>
    expect(addressInKeystore(await sealKey(KEY, '', SOFT))).toBe(privateKeyToAddress(KEY).toLowerCase()))

  it('is no other JSON', async () => {
    expect(addressInKeystore('{"version":3}')).toBeUndefined()
    await expect(unsealKey('{}', '', 'a file')).rejects.toThrow(coded('keystore-unreadable'))
  })
})

describe('a keystore file', () => {
  const file = join(folder, 'deep', 'key.json')

  it('belongs to its owner and is never written over', async () => {
    writeKeystore(file, await sealKey(KEY, '', SOFT))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(checkKeystore(file).level).toBe('ok')
    expect(() => writeKeystore(file, '{}')).toThrow(coded('keystore-exists'))
    expect(addressInKeystore(readKeystore(file))).toBeDefined()
  })

  it('that is missing says how to make one', () =>
    expect(() => readKeystore(join(folder, 'none.json'))).toThrow(coded('no-keystore')))
})

describe('a command line', () => {
  it.each([
    [['run', 'x.wasm', '--private-key', KEY]],
    [['run', 'x.wasm', `--private-key=${KEY}`]],
    [['funds', '--password', 'secret']],
    [['funds', '--keystore', KEY]],
    [['key', 'import', KEY.slice(2)]],
  ])('with a secret on it is refused, and the secret not repeated: %j', (words) => {
    const refusal = (() => {
      try {
        refuseKeys(words)
      } catch (error) {
        return error as Error & { code: string; remedy: string }
      }
    })()
    expect(refusal?.code).toBe('key-on-command-line')
    expect(`${refusal?.message} ${refusal?.remedy}`).not.toContain(KEY.slice(2))
  })

  it.each([
    [['job', 'show', KEY]],
    [['run', 'x.wasm', '--', '--private-key', 'of the program']],
    [['funds', '--keystore', 'key.json']],
  ])('without one passes: %j', (words) => expect(() => refuseKeys(words)).not.toThrow())
})
