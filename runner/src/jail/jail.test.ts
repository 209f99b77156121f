import { describe, expect, it } from 'vitest'
import { isClosedOnExec } from './descriptors.ts'
import { describeJail, jailLayers } from './layers.ts'
import { parseLibraries } from './libraries.ts'
import { countsPerNamespace } from './limits.ts'

describe('libraries', () => {
  it('are the files that ldd names, glibc’s', () => {
    const text = `	linux-vdso.so.1 (0x00007f924e3c9000)
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f924e2d3000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f924e3cb000)
`
    expect(parseLibraries(text)).toEqual(['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2'])
  })

  it('and musl’s', () => {
    const text = `	/lib/ld-musl-x86_64.so.1 (0x7f1c)
	libstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f1a)
	libc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1c)
`
    expect(new Set(parseLibraries(text))).toEqual(
      new Set(['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6']),
    )
  })

  it('are none for a static program', () => {
    expect(parseLibraries('	statically linked\n')).toEqual([])
    expect(parseLibraries('	not a dynamic executable\n')).toEqual([])
  })
})

describe('descriptors', () => {
  it.each([
    ['pos:\t0\nflags:\t02000002\nmnt_id:\t15\n', true],
    ['pos:\t0\nflags:\t01\nmnt_id:\t15\n', false],
    ['', false],
  ])('%j', (fdinfo, closed) => expect(isClosedOnExec(fdinfo)).toBe(closed))
})

describe('threads', () => {
  it.each([
    ['4.19.0-26-amd64', false],
    ['5.13.19', false],
    ['5.14.0-503.el9', true],
    ['6.18.44', true],
  ])('are counted for each namespace on %s: %s', (kernel, counts) =>
    expect(countsPerNamespace(kernel)).toBe(counts),
  )
})

describe('layers', () => {
  const plain = { limits: true, network: true, privileges: true }
  const walls = { bwrap: '/b', prlimit: '/p', files: [], filter: new Uint8Array(8), countThreads: true }

  it('are all on behind walls', () => {
    const layers = jailLayers({ jail: { limits: true, network: false, privileges: false, walls } }, 1_000)
    expect(layers.filter(({ on }) => !on)).toEqual([])
    expect(layers.map(({ name }) => name)).toEqual(['walls', 'calls', 'network', 'limits', 'privileges'])
  })

  it('say what is missing and what to do about it', () => {
    const missing = jailLayers({ jail: plain, noWalls: { why: 'missing' } }, 1_000).filter(({ on }) => !on)
    expect(missing.map(({ name }) => name)).toEqual(['walls', 'calls'])
    for (const { remedy } of missing) expect(remedy).toContain('apt-get install bubblewrap')

    const refused = { why: 'refused', said: 'No permissions to create new namespace' } as const
    const [first] = jailLayers({ jail: plain, noWalls: refused }, 1_000)
    expect(first).toMatchObject({ on: false, says: expect.stringContaining(refused.said) })
    expect(first!.remedy).toContain('user.max_user_namespaces')

    const nothing = jailLayers({
      jail: { limits: false, network: false, privileges: false },
      noWalls: { why: 'platform' },
    })
    expect(nothing.filter(({ on }) => on)).toEqual([])
    for (const { remedy } of nothing) expect(remedy).toBeTruthy()
  })

  it('advise against root', () => {
    const detected = { jail: { limits: true, network: false, privileges: false, walls } }
    expect(jailLayers(detected, 0).at(-1)).toMatchObject({ name: 'user', on: false })
    expect(describeJail(detected)).toHaveLength(jailLayers(detected).length)
  })
})
