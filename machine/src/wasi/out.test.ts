import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGuest, ERRNO, FD_READ, FD_WRITE, type Guest, OFLAGS } from './testGuest.ts'

const { creat: CREAT, directory: DIRECTORY, excl: EXCL, trunc: TRUNC } = OFLAGS
const APPEND = 1
const BOTH = FD_READ | FD_WRITE
const decode = (files: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]))

/** Makes a file with a text; leaves nothing open. */
function make(guest: Guest, path: string, text: string): void {
  const { errno, fd } = guest.open(path, { oflags: CREAT | TRUNC, rights: FD_WRITE })
  expect(errno).toBe(ERRNO.success)
  expect(guest.write(fd, text)).toBe(ERRNO.success)
  expect(guest.call('fd_close', fd)).toBe(ERRNO.success)
}

const mkdir = (guest: Guest, path: string) => guest.onPath('path_create_directory', path)
const rmdir = (guest: Guest, path: string) => guest.onPath('path_remove_directory', path)
const unlink = (guest: Guest, path: string) => guest.onPath('path_unlink_file', path)

function sizeAt(guest: Guest, fd: number): bigint {
  expect(guest.call('fd_filestat_get', fd, 100)).toBe(ERRNO.success)
  return guest.view().getBigUint64(132, true)
}

describe('/out', () => {
  it('is empty, and its files come back in the output', () => {
    const guest = createGuest()
    const { fd } = guest.open('out', { oflags: DIRECTORY })
    expect(guest.list(fd).map(({ name }) => name)).toEqual(['.', '..'])
    make(guest, 'out/result.txt', 'forty-two')
    expect(mkdir(guest, 'out/plots')).toBe(ERRNO.success)
    expect(mkdir(guest, 'out/empty')).toBe(ERRNO.success)
    make(guest, 'out/plots/é', '')
    const { exitCode, files, folders } = guest.exit(3)
    expect([exitCode, decode(files), folders]).toEqual([
      3,
      { 'result.txt': 'forty-two', 'plots/é': '' },
      ['empty'],
    ])
  })

  it('loses its files where the program does not exit: they follow at the end', () => {
    const guest = createGuest()
    make(guest, 'out/a', 'x')
    guest.write(1, 'said')
    expect(() => guest.abort(0, 0, 0, 0)).toThrow('trapped')
    expect(guest.output().files).toEqual({})
    expect(guest.written().stdout).toBe('said')
  })

  it('gives back what was written, at any place', () => {
    const guest = createGuest()
    const { fd } = guest.open('out/a', { oflags: CREAT, rights: BOTH })
    guest.write(fd, 'hello world')
    guest.put(200, 'W')
    guest.iovec(100, 200, 1)
    expect(guest.call('fd_pwrite', fd, 100, 1, 6n, 108)).toBe(ERRNO.success)
    expect(guest.read(fd)).toBe('')
    expect(guest.call('fd_seek', fd, 0n, 0, 100)).toBe(ERRNO.success)
    expect(guest.read(fd, 5)).toBe('hello')
    expect(guest.read(fd)).toBe(' World')
    expect(sizeAt(guest, fd)).toBe(11n)
  })

  it('fills what was skipped with zeros', () => {
    const guest = createGuest()
    const { fd } = guest.open('out/a', { oflags: CREAT, rights: BOTH })
    guest.call('fd_seek', fd, 10_000n, 0, 100)
    guest.write(fd, 'x')
    const { files } = guest.exit()
    expect(files.a).toEqual(Uint8Array.of(...new Array(10_000).fill(0), 120))
  })

  it('shrinks and grows, and what was cut off stays away', () => {
    const guest = createGuest()
    const { fd } = guest.open('out/a', { oflags: CREAT, rights: BOTH })
    guest.write(fd, 'x'.repeat(9000))
    expect(guest.call('fd_filestat_set_size', fd, 4100n)).toBe(ERRNO.success)
    expect(guest.call('fd_allocate', fd, 8990n, 10n)).toBe(ERRNO.success)
    expect(guest.call('fd_allocate', fd, 0n, 10n)).toBe(ERRNO.success)
    expect(guest.call('fd_allocate', fd, 0n, 0n)).toBe(ERRNO.inval)
    expect(guest.call('fd_allocate', fd, -1n, 2n)).toBe(ERRNO.inval)
    const { files } = guest.exit()
    expect(decode(files).a).toBe('x'.repeat(4100) + '\0'.repeat(4900))
  })

  it('appends where it was opened so, wherever the place is', () => {
    const guest = createGuest()
    make(guest, 'out/log', 'one ')
    const { fd } = guest.open('out/log', { rights: BOTH, fdflags: APPEND })
    guest.call('fd_seek', fd, 0n, 0, 100)
    guest.write(fd, 'two')
    expect(decode(guest.exit().files)).toEqual({ log: 'one two' })
  })

  const opens: [string, Parameters<Guest['open']>[1], number][] = [
    ['out/new', {}, ERRNO.noent],
    ['out/new', { oflags: CREAT }, ERRNO.success],
    ['out/new', { oflags: CREAT | EXCL, rights: FD_WRITE }, ERRNO.success],
    ['out/old', { oflags: CREAT | EXCL }, ERRNO.exist],
    ['out/old', { oflags: DIRECTORY }, ERRNO.notdir],
    ['out/old', { rights: FD_WRITE }, ERRNO.success],
    ['out/old/x', { oflags: CREAT }, ERRNO.notdir],
    ['out/old/', {}, ERRNO.notdir],
    ['out/new/', { oflags: CREAT }, ERRNO.isdir],
    ['out/new', { oflags: CREAT | DIRECTORY }, ERRNO.inval],
    ['out/none/x', { oflags: CREAT }, ERRNO.noent],
    ['out/sub', { rights: FD_WRITE }, ERRNO.isdir],
    ['out/sub/../old', {}, ERRNO.success],
    ['out', { rights: FD_WRITE }, ERRNO.isdir],
    [`out/${'x'.repeat(255)}`, { oflags: CREAT }, ERRNO.success],
    [`out/${'x'.repeat(256)}`, { oflags: CREAT }, ERRNO.nametoolong],
    ['outer', { oflags: CREAT }, ERRNO.rofs],
  ]
  it.each(opens)('opens %j with %o as %i', (path, options, errno) => {
    const guest = createGuest()
    make(guest, 'out/old', 'x')
    mkdir(guest, 'out/sub')
    expect(guest.open(path, options).errno).toBe(errno)
  })

  it('truncates an old file', () => {
    const guest = createGuest()
    make(guest, 'out/a', 'a long text')
    make(guest, 'out/a', 'short')
    expect(decode(guest.exit().files)).toEqual({ a: 'short' })
  })

  it('does not write through a descriptor that was opened to read', () => {
    const guest = createGuest()
    make(guest, 'out/a', 'x')
    const { fd } = guest.open('out/a')
    expect(guest.write(fd, 'y')).toBe(ERRNO.badf)
    expect(guest.call('fd_pwrite', fd, 0, 0, 0n, 100)).toBe(ERRNO.badf)
    expect(guest.call('fd_filestat_set_size', fd, 0n)).toBe(ERRNO.inval)
  })

  it('writes what fits, and then says that there is no space', () => {
    const guest = createGuest()
    guest.memory.grow(99)
    const { fd } = guest.open('out/a', { oflags: CREAT, rights: BOTH })
    guest.iovec(58_000, 0, 6_000_000)
    let total = 0
    let errno = 0
    while (errno === 0) {
      errno = guest.call('fd_write', fd, 58_000, 1, 58_008)
      if (errno === 0) total += guest.view().getUint32(58_008, true)
    }
    expect(errno).toBe(ERRNO.nospc)
    expect(sizeAt(guest, fd)).toBe(BigInt(total))
    expect(total).toBeGreaterThan(60 << 20)
    // A file that goes gives its space to the next one.
    expect(guest.open('out/b', { oflags: CREAT, rights: BOTH }).errno).toBe(ERRNO.success)
    expect(guest.call('fd_write', fd + 1, 58_000, 1, 58_008)).toBe(ERRNO.nospc)
    expect(guest.call('fd_filestat_set_size', fd, 0n)).toBe(ERRNO.success)
    expect(guest.call('fd_write', fd + 1, 58_000, 1, 58_008)).toBe(ERRNO.success)
    expect(guest.view().getUint32(58_008, true)).toBe(6_000_000)
    expect(guest.call('fd_filestat_set_size', fd, 2n ** 40n)).toBe(ERRNO.nospc)
    expect(guest.call('fd_pwrite', fd, 58_000, 1, 2n ** 40n, 58_008)).toBe(ERRNO.nospc)
    expect(guest.call('fd_pwrite', fd, 58_000, 1, -1n, 58_008)).toBe(ERRNO.inval)
  })

  it('keeps the times that it is told', () => {
    const guest = createGuest({ clock: 1_000n })
    make(guest, 'out/a', 'x')
    const times = (path: string) => {
      expect(guest.onPath('path_filestat_get', path, [0], [100])).toBe(ERRNO.success)
      return [guest.view().getBigUint64(140, true), guest.view().getBigUint64(148, true)]
    }
    expect(times('out/a')).toEqual([1_000n, 1_000n])
    guest.call('clock_time_get', 0, 0n, 0)
    const { fd } = guest.open('out/a', { rights: FD_WRITE })
    guest.write(fd, 'y')
    expect(times('out/a')).toEqual([1_000n, 2_000n])
    expect(guest.onPath('path_filestat_set_times', 'out/a', [0], [5n, 6n, 1 | 4])).toBe(ERRNO.success)
    expect(times('out/a')).toEqual([5n, 6n])
    expect(guest.call('fd_filestat_set_times', fd, 9n, 9n, 2)).toBe(ERRNO.success)
    expect(times('out/a')).toEqual([2_000n, 6n])
    expect(guest.call('fd_filestat_set_times', fd, 9n, 9n, 1 | 2)).toBe(ERRNO.inval)
    expect(guest.onPath('path_filestat_set_times', 'out', [0], [5n, 6n, 1 | 4])).toBe(ERRNO.rofs)
  })
})

describe('names in /out', () => {
  it('come and go', () => {
    const guest = createGuest()
    expect([mkdir(guest, 'out/a'), mkdir(guest, 'out/a/b/'), mkdir(guest, 'out/a')]).toEqual([
      0,
      0,
      ERRNO.exist,
    ])
    expect(mkdir(guest, 'out')).toBe(ERRNO.exist)
    make(guest, 'out/a/f', 'x')
    expect([rmdir(guest, 'out/a'), rmdir(guest, 'out/a/f'), unlink(guest, 'out/a/b')]).toEqual([
      ERRNO.notempty,
      ERRNO.notdir,
      ERRNO.isdir,
    ])
    expect([unlink(guest, 'out/a/f'), unlink(guest, 'out/a/f'), rmdir(guest, 'out/a/b')]).toEqual([
      0,
      ERRNO.noent,
      0,
    ])
    expect([rmdir(guest, 'out/a'), rmdir(guest, 'out')]).toEqual([0, ERRNO.rofs])
    expect(rmdir(guest, 'out/.')).toBe(ERRNO.rofs)
    expect(guest.exit()).toMatchObject({ files: {}, folders: [] })
  })

  it('last as long as something has them open', () => {
    const guest = createGuest()
    mkdir(guest, 'out/d')
    const { fd } = guest.open('out/d/f', { oflags: CREAT, rights: BOTH })
    const folder = guest.open('out/d', { oflags: DIRECTORY }).fd
    guest.write(fd, 'still there')
    unlink(guest, 'out/d/f')
    rmdir(guest, 'out/d')
    make(guest, 'out/other', 'new')
    guest.call('fd_seek', fd, 0n, 0, 100)
    expect(guest.read(fd)).toBe('still there')
    expect(guest.open('x', { fd: folder, oflags: CREAT }).errno).toBe(ERRNO.noent)
    expect(guest.list(folder).map(({ name }) => name)).toEqual(['.', '..'])
    expect([guest.call('fd_close', fd), guest.call('fd_close', folder)]).toEqual([0, 0])
    expect(decode(guest.exit().files)).toEqual({ other: 'new' })
  })

  it('are renamed, over others too', () => {
    const guest = createGuest({ files: { '/in': new Uint8Array() } })
    mkdir(guest, 'out/d')
    mkdir(guest, 'out/d/e')
    mkdir(guest, 'out/full')
    make(guest, 'out/d/f', 'f')
    make(guest, 'out/g', 'g')
    make(guest, 'out/full/x', 'x')
    expect(guest.rename('out/g', 'out/d/f')).toBe(ERRNO.success)
    expect(guest.rename('out/d/f', 'out/d/./f')).toBe(ERRNO.success)
    expect(guest.rename('out/d', 'out/d/e/d')).toBe(ERRNO.inval)
    expect(guest.rename('out/d', 'out/d')).toBe(ERRNO.success)
    expect(guest.rename('out/d/f', 'out/full')).toBe(ERRNO.isdir)
    expect(guest.rename('out/full', 'out/d/f')).toBe(ERRNO.notdir)
    expect(guest.rename('out/d', 'out/full')).toBe(ERRNO.notempty)
    expect(guest.rename('out/full', 'out/d/e')).toBe(ERRNO.success)
    expect(guest.rename('in', 'out/in')).toBe(ERRNO.rofs)
    expect(guest.rename('out/d', 'd')).toBe(ERRNO.rofs)
    expect(guest.rename('out', 'out/out')).toBe(ERRNO.rofs)
    expect(guest.rename('out/none', 'out/x')).toBe(ERRNO.noent)
    expect(guest.rename('out/d/f', 'out/new/')).toBe(ERRNO.notdir)
    expect(guest.rename('out/d', `out/${'n'.repeat(256)}`)).toBe(ERRNO.nametoolong)
    expect(guest.rename('out/d', 'out/moved/')).toBe(ERRNO.success)
    expect(decode(guest.exit().files)).toEqual({ 'moved/f': 'g', 'moved/e/x': 'x' })
  })

  it('have no links', () => {
    const guest = createGuest()
    make(guest, 'out/a', 'x')
    const old = guest.put(0, 'out/a')
    const fresh = guest.put(100, 'out/b')
    expect(guest.call('path_link', 3, 0, 0, old, 3, 100, fresh)).toBe(ERRNO.notsup)
    expect(guest.call('path_symlink', 0, old, 3, 100, fresh)).toBe(ERRNO.notsup)
    expect(guest.call('path_symlink', 0, old, 3, 0, old)).toBe(ERRNO.exist)
  })

  it('make no path of more than 4096 bytes, not by moving a folder either', () => {
    const guest = createGuest()
    const name = 'n'.repeat(250)
    let { fd } = guest.open('out', { oflags: DIRECTORY })
    let depth = 0
    for (;;) {
      const errno = guest.call('path_create_directory', fd, 100, guest.put(100, name))
      if (errno !== 0) {
        expect(errno).toBe(ERRNO.nametoolong)
        break
      }
      depth++
      fd = guest.open(name, { fd, oflags: DIRECTORY }).fd
    }
    expect(depth).toBe(Math.floor(4097 / 251))
    expect(guest.rename(`out/${name}`, `out/${'m'.repeat(255)}`)).toBe(ERRNO.success)
    expect(mkdir(guest, 'out/0123456789')).toBe(ERRNO.success)
    expect(guest.rename(`out/${'m'.repeat(255)}`, `out/0123456789/${'m'.repeat(250)}`)).toBe(ERRNO.success)
    expect(mkdir(guest, `out/${'0'.repeat(100)}`)).toBe(ERRNO.success)
    expect(guest.rename('out/0123456789', `out/${'0'.repeat(100)}/1`)).toBe(ERRNO.nametoolong)
    const { folders } = guest.exit()
    expect(folders.map((path) => path.length > 4000)).toEqual([true, false])
  })

  it('are listed in the order of their making, while others come and go', () => {
    const guest = createGuest()
    for (const name of ['c', 'a', 'b']) make(guest, `out/${name}`, name)
    const { fd } = guest.open('out', { oflags: DIRECTORY })
    const listed = guest.list(fd)
    expect(listed.map(({ name }) => name)).toEqual(['.', '..', 'c', 'a', 'b'])
    const next = listed.find(({ name }) => name === 'a')!.next
    unlink(guest, 'out/a')
    unlink(guest, 'out/c')
    make(guest, 'out/d', '')
    expect(guest.list(fd, next).map(({ name }) => name)).toEqual(['b', 'd'])
    expect(guest.list(fd, 2n ** 40n)).toEqual([])
    expect(new Set(listed.map(({ inode }) => inode)).size).toBe(5)
  })
})

describe('a file and a model of it', () => {
  type Step = { op: 'write' | 'append' | 'resize' | 'reopen'; at: number; length: number; fill: number }
  const step: fc.Arbitrary<Step> = fc.record({
    op: fc.constantFrom('write', 'append', 'resize', 'reopen'),
    at: fc.oneof(fc.nat(20_000), fc.constantFrom(0, 4095, 4096, 4097, 8192, 4_194_303, 4_194_304)),
    length: fc.oneof(fc.nat(50), fc.nat(15_000)),
    fill: fc.integer({ min: 1, max: 255 }),
  })

  function apply(guest: Guest, fd: number, model: Uint8Array, { op, at, length, fill }: Step): Uint8Array {
    if (op === 'reopen') return model
    if (op === 'resize') {
      expect(guest.call('fd_filestat_set_size', fd, BigInt(at))).toBe(ERRNO.success)
      const resized = new Uint8Array(at)
      resized.set(model.subarray(0, at))
      return resized
    }
    const place = op === 'append' ? model.length : at
    new Uint8Array(guest.memory.buffer, 1000, length).fill(fill)
    guest.iovec(100, 1000, length >> 1)
    guest.iovec(108, 1000, length - (length >> 1))
    expect(guest.call('fd_pwrite', fd, 100, 2, BigInt(place), 120)).toBe(ERRNO.success)
    expect(guest.view().getUint32(120, true)).toBe(length)
    const end = length === 0 ? 0 : place + length
    const grown = new Uint8Array(Math.max(model.length, end))
    grown.set(model)
    if (length > 0) grown.fill(fill, place, end)
    return grown
  }

  it('agree after any steps, and so does the output', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const guest = createGuest()
        let { fd } = guest.open('out/f', { oflags: CREAT, rights: BOTH })
        // Blocks that were used before and given back: they must not show through.
        const old = guest.open('out/old', { oflags: CREAT, rights: BOTH }).fd
        for (let i = 0; i < 3; i++) guest.write(old, 'garbage'.repeat(2000))
        guest.call('fd_close', old)
        unlink(guest, 'out/old')
        let model: Uint8Array = new Uint8Array()
        for (const each of steps) {
          model = apply(guest, fd, model, each)
          expect(sizeAt(guest, fd)).toBe(BigInt(model.length))
          if (each.op !== 'reopen') continue
          guest.call('fd_close', fd)
          fd = guest.open('out/f', { rights: BOTH }).fd
        }
        for (const at of [0, 4090, Math.max(0, model.length - 100)]) {
          guest.iovec(100, 1000, 20_000)
          expect(guest.call('fd_pread', fd, 100, 1, BigInt(at), 120)).toBe(ERRNO.success)
          const expected = model.subarray(at, at + 20_000)
          expect(Buffer.compare(guest.bytes(1000, guest.view().getUint32(120, true)), expected)).toBe(0)
        }
        expect(Buffer.compare(guest.exit().files.f!, model)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
