import { describe, expect, it } from 'vitest'
import { lockfile } from './lockfile.ts'

const lock = (packages: object) => ({ path: 'package-lock.json', text: JSON.stringify({ packages }) })
const messages = (...files: { path: string; text: string }[]) => lockfile(files).map((found) => found.message)

describe('lockfile', () => {
  it('lets hashes, links and exact versions be', () => {
    const packages = {
      '': {},
      machine: {},
      'node_modules/@millrace/machine': { resolved: 'machine', link: true },
      'node_modules/a': { integrity: 'sha512-x' },
    }
    const manifest = { path: 'sdk/package.json', text: '{"dependencies":{"a":"1.2.3","b":"1.0.0-rc.1"}}' }
    expect(messages(lock(packages), manifest)).toEqual([])
  })

  it('objects to an address', () => {
    const entry = { integrity: 'sha512-x', resolved: 'https://example.com/a.tgz' }
    expect(messages(lock({ 'node_modules/a': entry }))).toEqual(['node_modules/a has a download address'])
  })

  it('objects to a package without a hash', () => {
    expect(messages(lock({ 'node_modules/a': {} }))).toEqual(['node_modules/a has no integrity hash'])
  })

  it('objects to a second lockfile and to none', () => {
    expect(messages(lock({}), { path: 'sdk/package-lock.json', text: '{}' })).toHaveLength(1)
    expect(messages()).toEqual(['there is none'])
  })

  it('objects to a range of versions', () => {
    const manifest = { path: 'package.json', text: '{"optionalDependencies":{"a":"^1.2.3"}}' }
    expect(messages(lock({}), manifest)).toEqual(['a wants an exact version, not ^1.2.3'])
  })
})
