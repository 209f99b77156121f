import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectFiles } from './collectFiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-files-'))
const coded = (code: string) => expect.objectContaining({ code })
const texts = (files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]))

beforeAll(() => {
  mkdirSync(join(folder, 'lib', 'deep'), { recursive: true })
  writeFileSync(join(folder, 'text.txt'), 'text')
  writeFileSync(join(folder, 'lib', 'a.py'), 'a')
  writeFileSync(join(folder, 'lib', 'deep', 'b.py'), 'b')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('collectFiles', () => {
  it('maps files and whole folders to the program’s paths', () =>
    expect(texts(collectFiles(folder, { file: ['/in=text.txt'], dir: ['/py/=lib'] }))).toEqual({
      '/in': 'text',
      '/py/a.py': 'a',
      '/py/deep/b.py': 'b',
    }))

  it.each([
    ['a file that is not there', { file: ['/in=none'] }, 'file-unreadable'],
    ['a folder that is a file', { dir: ['/in=text.txt'] }, 'file-unreadable'],
    ['a file that is a folder', { file: ['/in=lib'] }, 'file-unreadable'],
    ['a path that is not absolute', { file: ['in=text.txt'] }, 'bad-value'],
    ['a path without a name', { file: ['/in/=text.txt'] }, 'bad-value'],
    ['one path twice', { file: ['/py/a.py=text.txt'], dir: ['/py=lib'] }, 'bad-value'],
    ['no pair', { file: ['text.txt'] }, 'bad-value'],
  ])('refuses %s', (_, what, code) => expect(() => collectFiles(folder, what)).toThrow(coded(code)))
})
