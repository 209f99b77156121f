import { describe, expect, it } from 'vitest'
import { createGuest, ERRNO, FD_WRITE, OFLAGS } from './testGuest.ts'

const text = (value: string) => new TextEncoder().encode(value)
const files = { '/data/a.txt': text('alpha'), '/data/sub/b.txt': text('beta'), '/top': text('top') }
const { creat: CREAT, directory: DIRECTORY, excl: EXCL, trunc: TRUNC } = OFLAGS

describe('path_open', () => {
  const opens: [string, Parameters<ReturnType<typeof createGuest>['open']>[1], number][] = [
    ['top', {}, ERRNO.success],
    ['data/a.txt', {}, ERRNO.success],
    ['./data/../data//sub/./b.txt', {}, ERRNO.success],
    ['data', { oflags: DIRECTORY }, ERRNO.success],
    ['data/', {}, ERRNO.success],
    ['top', { oflags: CREAT }, ERRNO.success],
    ['', {}, ERRNO.noent],
    ['missing', {}, ERRNO.noent],
    ['data/missing/x', {}, ERRNO.noent],
    ['top/x', {}, ERRNO.notdir],
    ['top/', {}, ERRNO.notdir],
    ['top', { oflags: DIRECTORY }, ERRNO.notdir],
    ['/top', {}, ERRNO.notcapable],
    ['../top', {}, ERRNO.notcapable],
    ['data/../../top', {}, ERRNO.notcapable],
    ['new', { oflags: CREAT }, ERRNO.rofs],
    ['new/', { oflags: CREAT }, ERRNO.rofs],
    ['new/x', { oflags: CREAT }, ERRNO.noent],
    ['top', { oflags: CREAT | EXCL }, ERRNO.exist],
    ['top', { oflags: TRUNC }, ERRNO.rofs],
    ['top', { rights: FD_WRITE }, ERRNO.rofs],
    ['data', { rights: FD_WRITE }, ERRNO.isdir],
    ['top\0', {}, ERRNO.inval],
    ['x'.repeat(4097), {}, ERRNO.nametoolong],
    ['top', { fd: 0 }, ERRNO.notdir],
    ['top', { fd: 44 }, ERRNO.badf],
  ]
  it.each(opens)('of %j with %o gives %i', (path, options, errno) => {
    expect(createGuest({ files }).open(path, options).errno).toBe(errno)
  })

  it('starts from any open folder and cannot leave it', () => {
    const guest = createGuest({ files })
    const { fd } = guest.open('data', { oflags: DIRECTORY })
    expect(guest.open('sub/b.txt', { fd }).errno).toBe(ERRNO.success)
    expect(guest.open('../top', { fd }).errno).toBe(ERRNO.notcapable)
  })

  it('fails for bad pointers and for bytes that are not UTF-8', () => {
    const guest = createGuest({ files })
    expect(guest.call('path_open', 3, 0, 65_530, 20, 0, 0n, 0n, 0, 0)).toBe(ERRNO.fault)
    guest.put(0, 'top')
    expect(guest.call('path_open', 3, 0, 0, 3, 0, 0n, 0n, 0, 65_535)).toBe(ERRNO.fault)
    guest.view().setUint8(0, 0xff)
    expect(guest.call('path_open', 3, 0, 0, 1, 0, 0n, 0n, 0, 100)).toBe(ERRNO.ilseq)
  })
})

describe('path_filestat_get', () => {
  it('tells size, type and time without opening', () => {
    const guest = createGuest({ files, clock: 42n })
    const length = guest.put(0, 'data/a.txt')
    expect(guest.call('path_filestat_get', 3, 0, 0, length, 104)).toBe(ERRNO.success)
    expect(guest.view().getUint8(104 + 16)).toBe(4)
    expect(guest.view().getBigUint64(104 + 32, true)).toBe(5n)
    expect(guest.view().getBigUint64(104 + 48, true)).toBe(42n)
    expect(guest.call('path_filestat_get', 3, 0, 0, 4, 104)).toBe(ERRNO.success)
    expect(guest.view().getUint8(104 + 16)).toBe(3)
    expect(guest.call('path_filestat_get', 3, 0, 0, 3, 104)).toBe(ERRNO.noent)
    expect(guest.call('path_filestat_get', 3, 0, 0, length, 65_500)).toBe(ERRNO.fault)
  })
})

describe('changing the tree', () => {
  it('is refused by a read-only file system', () => {
    const guest = createGuest({ files })
    guest.put(0, 'top')
    guest.put(10, 'new')
    const old = [0, 3] as const
    const fresh = [10, 3] as const
    expect(guest.call('path_create_directory', 3, ...fresh)).toBe(ERRNO.rofs)
    expect(guest.call('path_remove_directory', 3, ...old)).toBe(ERRNO.rofs)
    expect(guest.call('path_unlink_file', 3, ...old)).toBe(ERRNO.rofs)
    expect(guest.call('path_filestat_set_times', 3, 0, ...old, 0n, 0n, 0)).toBe(ERRNO.rofs)
    expect(guest.call('path_link', 3, 0, ...old, 3, ...fresh)).toBe(ERRNO.rofs)
    expect(guest.call('path_rename', 3, ...old, 3, ...fresh)).toBe(ERRNO.rofs)
    expect(guest.call('path_symlink', ...old, 3, ...fresh)).toBe(ERRNO.rofs)
  })

  it('finds the other faults first', () => {
    const guest = createGuest({ files })
    guest.put(10, 'new')
    guest.put(0, 'top')
    expect(guest.call('path_create_directory', 3, 0, 3)).toBe(ERRNO.exist)
    expect(guest.call('path_unlink_file', 3, 10, 3)).toBe(ERRNO.noent)
    expect(guest.call('path_rename', 3, 10, 3, 3, 10, 3)).toBe(ERRNO.noent)
    expect(guest.call('path_link', 3, 0, 10, 3, 3, 10, 3)).toBe(ERRNO.noent)
    expect(guest.call('path_create_directory', 0, 10, 3)).toBe(ERRNO.notdir)
    expect(guest.call('path_unlink_file', 3, 65_535, 3)).toBe(ERRNO.fault)
    expect(guest.call('path_symlink', 65_535, 3, 3, 10, 3)).toBe(ERRNO.fault)
  })
})

describe('path_readlink', () => {
  it('knows no links', () => {
    const guest = createGuest({ files })
    guest.put(0, 'top')
    expect(guest.call('path_readlink', 3, 0, 3, 100, 10, 40)).toBe(ERRNO.inval)
    expect(guest.call('path_readlink', 3, 0, 2, 100, 10, 40)).toBe(ERRNO.noent)
  })
})
