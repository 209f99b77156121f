import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isFresh, type Manifest, openBundle } from './bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (change: Partial<Manifest> = {}) => {
  const path = join(folder, 'source.ts')
  writeFileSync(path, 'export {}\n')
  const { size, mtimeMs } = statSync(path)
  const manifest: Manifest = { node: process.version, files: [{ path, size, mtimeMs }], ...change }
  writeFileSync(join(folder, 'bundle.mjs'), `//${JSON.stringify(manifest)}\ncode`)
  return { bundle: join(folder, 'bundle.mjs'), source: path }
}

it('is fresh as long as its sources and node are what they were', () => {
  expect(isFresh(write().bundle)).toBe(true)
  expect(isFresh(write({ node: 'v1.0.0' }).bundle)).toBe(false)
  expect(isFresh(join(folder, 'missing.mjs'))).toBe(false)

  const touched = write()
  utimesSync(touched.source, 1, 1)
  expect(isFresh(touched.bundle)).toBe(false)

  const gone = write()
  rmSync(gone.source)
  expect(isFresh(gone.bundle)).toBe(false)

  writeFileSync(gone.bundle, 'no manifest')
  expect(isFresh(gone.bundle)).toBe(false)
})

it('is there, fresh and readable by its owner alone', () => {
  const bundle = openBundle()
  expect(isFresh(bundle)).toBe(true)
  expect(statSync(bundle).mode & 0o077).toBe(0)
})
