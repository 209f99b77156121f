import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ignoreRule, lineOf, readTree } from './tree.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'millrace-tree-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('readTree', () => {
  it('reads what .gitignore does not name, in any folder', async () => {
    await writeFile(path.join(root, '.gitignore'), 'out/\n*.log\n')
    for (const name of ['a.ts', 'sdk/src/b.ts', 'sdk/out/c.ts', 'sdk/d.log', 'e.wasm', '.git/config']) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true })
      await writeFile(path.join(root, name), name)
    }
    const paths = (await readTree(root)).map((file) => file.path)
    expect(paths.sort()).toEqual(['.gitignore', 'a.ts', 'sdk/src/b.ts'])
  })
})

describe('ignoreRule', () => {
  it.each([
    ['node_modules/', 'sdk/node_modules', true],
    ['/cache', 'cache', true],
    ['/cache', 'sdk/cache', false],
    ['docs/api', 'docs/api', true],
    ['*.log', 'a.logs', false],
    ['# out', 'out', false],
  ])('of %s says to %s: %s', (line, name, expected) => {
    expect(ignoreRule(line)(name)).toBe(expected)
  })
})

describe('lineOf', () => {
  it('counts from one', () => {
    expect([0, 1, 2, 3].map((offset) => lineOf('a\nb\n', offset))).toEqual([1, 1, 2, 2])
  })
})
