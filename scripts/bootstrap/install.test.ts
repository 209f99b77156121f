import { describe, expect, it } from 'vitest'
import { difference } from './install.mjs'

const linux = { os: 'linux', cpu: 'x64', libc: 'glibc' }
const a = { version: '1.0.0', integrity: 'sha512-a' }
const native = { ...a, optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] }
const paths = (wanted: object, installed: object, machine: object = linux) =>
  difference(wanted as never, installed as never, machine as never).map((entry) => entry.path)

describe('difference', () => {
  it('is empty for what was installed, whatever npm left out for other machines', () => {
    const wanted = {
      '': {},
      'node_modules/a': a,
      'node_modules/darwin': { ...native, os: ['darwin'] },
      'node_modules/arm': { ...native, cpu: ['arm64'] },
      'node_modules/musl': { ...native, libc: ['musl'] },
      'node_modules/built': { ...a, optional: true },
    }
    expect(paths(wanted, { 'node_modules/a': a })).toEqual([])
  })

  it('names a package that is missing, old or altered', () => {
    const wanted = { 'node_modules/a': a }
    expect(paths(wanted, {})).toEqual(['node_modules/a'])
    expect(paths(wanted, { 'node_modules/a': { ...a, version: '0.9.0' } })).toEqual(['node_modules/a'])
    expect(paths(wanted, { 'node_modules/a': { ...a, integrity: 'sha512-b' } })).toEqual(['node_modules/a'])
  })

  it("names this machine's native part, which npm leaves out under an old Node", () => {
    const wanted = {
      'node_modules/native': native,
      'node_modules/node': { ...a, optional: true, os: 'linux', cpu: 'x64' },
    }
    expect(paths(wanted, {})).toEqual(['node_modules/native', 'node_modules/node'])
    expect(paths(wanted, {}, { os: 'darwin', cpu: 'arm64' })).toEqual([])
  })

  it('understands exclusions', () => {
    const wanted = { 'node_modules/native': { ...native, os: ['!win32'] } }
    expect(paths(wanted, {})).toEqual(['node_modules/native'])
    expect(paths(wanted, {}, { os: 'win32', cpu: 'x64' })).toEqual([])
  })
})
