import { describe, expect, it } from 'vitest'
import { leaks } from './leaks.ts'

// Put together here, so that this page does not hold what it forbids.
const key = '8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63'
const found = (text: string, path = 'sdk/src/a.ts') =>
  leaks([{ path, text }]).map((finding) => finding.message)

describe('machine paths and keys', () => {
  it.each([
    ["read('/" + "root/notes.txt')", 'a path of one machine'],
    ['see /' + 'home/somebody/project', 'a path of one machine'],
    ['https://registry' + '.example.org/a', 'the address of a package registry'],
    [`const privateKey = '0x${key}'`, 'a private key'],
    [`SECRET_KEY=${key}`, 'a private key'],
    ['-----BEGIN EC ' + 'PRIVATE KEY-----', 'a private key'],
    [`${'test '.repeat(11)}junk`, 'a mnemonic'],
  ])('objects to %s', (text, what) => {
    expect(found(text)).toEqual([expect.stringContaining(what)])
  })

  it.each([
    [`const root = "0x${key}"`],
    [`const privateKey = '0x${'01'.repeat(32)}'`],
    ['see https://example.com/home/page and ./work/here'],
  ])('lets %s be', (text) => {
    expect(found(text)).toEqual([])
  })

  it('lets keys be in a file that says that they are for development', () => {
    expect(found(`privateKey: '0x${key}'`, 'scripts/stack/development-keys.ts')).toEqual([])
  })
})
