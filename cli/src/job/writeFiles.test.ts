import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareFolder, writeFiles } from './writeFiles.ts'

const coded = (code: string) => expect.objectContaining({ code })
const bytes = (text: string) => new TextEncoder().encode(text)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-out-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('prepareFolder', () => {
  it('makes one that is not there, and takes one that is empty', () => {
    const path = join(folder, 'a', 'b')
    prepareFolder(path)
    prepareFolder(path)
    expect(readdirSync(path)).toEqual([])
  })

  it('refuses one with something in it, and what is no folder', () => {
    writeFileSync(join(folder, 'x'), '')
    expect(() => prepareFolder(folder)).toThrow(coded('out-not-empty'))
    expect(() => prepareFolder(join(folder, 'x'))).toThrow(coded('file-unwritable'))
  })
})

describe('writeFiles', () => {
  it('writes files with their folders, and empty folders', () => {
    writeFiles(folder, { files: { 'a/b/c.txt': bytes('c'), d: bytes('') }, folders: ['e/f'] })
    expect(readFileSync(join(folder, 'a', 'b', 'c.txt'), 'utf8')).toBe('c')
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(
      ['a', 'a/b', 'a/b/c.txt', 'd', 'e', 'e/f'].map((path) => join(path)),
    )
  })

  it.each(['../x', '..', '/x', 'a/../../x', '.'])('refuses %s, and writes nothing at all', (name) => {
    const inside = join(folder, 'in')
    mkdirSync(inside)
    expect(() => writeFiles(inside, { files: { ok: bytes('x'), [name]: bytes('x') }, folders: [] })).toThrow(
      coded('bad-file-name'),
    )
    expect(() => writeFiles(inside, { files: {}, folders: [name] })).toThrow(coded('bad-file-name'))
    expect(readdirSync(folder, { recursive: true })).toEqual(['in'])
  })

  it('writes over nothing, and through no link', () => {
    writeFileSync(join(folder, 'mine'), 'mine')
    symlinkSync(join(folder, 'mine'), join(folder, 'link'))
    for (const name of ['mine', 'link']) {
      expect(() => writeFiles(folder, { files: { [name]: bytes('theirs') }, folders: [] })).toThrow(
        coded('file-unwritable'),
      )
    }
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine')
  })
})
