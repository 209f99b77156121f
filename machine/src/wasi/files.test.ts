import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGuest, ERRNO, type Guest, OFLAGS } from './testGuest.ts'

/** The tree as nested maps: what the sorted list must agree with. */
type Model = Map<string, Model | string>

const FOLDER = 3

const name = fc.constantFrom('a', 'b', 'a-b', 'a0', 'a b', 'é', '\u{1f600}', '\ufffd', 'ab', 'ou', 'outer')
const paths = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`),
  { maxLength: 12 },
)

/** Leaves out paths that are folders of others. */
function filesOf(all: readonly string[]): Record<string, Uint8Array> {
  const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)))
  return Object.fromEntries(files.map((path, i) => [path, new TextEncoder().encode(`content ${i}`)]))
}

function modelOf(files: Record<string, Uint8Array>): Model {
  const root: Model = new Map([['out', new Map()]])
  for (const [path, content] of Object.entries(files)) {
    const names = path.slice(1).split('/')
    const last = names.pop()!
    let folder = root
    for (const each of names) {
      if (!folder.has(each)) folder.set(each, new Map())
      folder = folder.get(each) as Model
    }
    folder.set(last, new TextDecoder().decode(content))
  }
  return root
}

/** Reads all that is below an open folder, and checks that `.` and `..` are what they say. */
function readAll(guest: Guest, fd: number, inodes: bigint[], parent: bigint): Model {
  const [self, above, ...entries] = guest.list(fd)
  const own = inodes.at(-1)!
  expect([self!.name, self!.inode, above!.name, above!.inode]).toEqual(['.', own, '..', parent])
  const model: Model = new Map()
  for (const entry of entries) {
    expect(model.has(entry.name)).toBe(false)
    const opened = guest.open(entry.name, { fd, oflags: entry.type === FOLDER ? OFLAGS.directory : 0 })
    expect(opened.errno).toBe(ERRNO.success)
    guest.call('fd_filestat_get', opened.fd, 100)
    expect(guest.view().getBigUint64(108, true)).toBe(entry.inode)
    inodes.push(entry.inode)
    const found = entry.type === FOLDER ? readAll(guest, opened.fd, inodes, own) : guest.read(opened.fd)
    model.set(entry.name, found as Model | string)
    guest.call('fd_close', opened.fd)
  }
  return model
}

describe('the files of the input', () => {
  it('are listed and found as nested maps hold them, each with an inode of its own', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const files = filesOf(all)
        const inodes = [1n]
        expect(readAll(createGuest({ files }), 3, inodes, 1n)).toEqual(modelOf(files))
        expect(new Set(inodes).size).toBe(inodes.length)
      }),
    )
  })

  it('are all that there is', () => {
    fc.assert(
      fc.property(paths, name, (all, other) => {
        const files = filesOf(all)
        const guest = createGuest({ files })
        const expected = modelOf(files).has(other) ? ERRNO.success : ERRNO.noent
        expect(guest.open(other).errno).toBe(expected)
        expect(guest.open(`${other}/${other}/x`).errno).not.toBe(ERRNO.success)
      }),
    )
  })
})
