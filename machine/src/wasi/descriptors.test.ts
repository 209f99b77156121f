import { describe, expect, it } from 'vitest'
import { createGuest, ERRNO } from './testGuest.ts'

const OUTSIDE = 65_535
const text = (value: string) => new TextEncoder().encode(value)
const files = { '/data/a.txt': text('alpha beta'), '/data/b.txt': text(''), '/top': text('top') }

function openFile() {
  const guest = createGuest({ files, stdin: text('input') })
  const { errno, fd } = guest.open('data/a.txt')
  expect([errno, fd]).toEqual([ERRNO.success, 4])
  return { guest, fd }
}

describe('reading', () => {
  it('scatters over the parts and moves on', () => {
    const { guest, fd } = openFile()
    guest.iovec(0, 100, 3)
    guest.iovec(8, 200, 4)
    expect(guest.call('fd_read', fd, 0, 2, 50)).toBe(ERRNO.success)
    expect(guest.view().getUint32(50, true)).toBe(7)
    expect([guest.text(100, 3), guest.text(200, 4)]).toEqual(['alp', 'ha b'])
    guest.call('fd_read', fd, 0, 2, 50)
    expect(guest.view().getUint32(50, true)).toBe(3)
    guest.call('fd_read', fd, 0, 2, 50)
    expect(guest.view().getUint32(50, true)).toBe(0)
  })

  it('reads standard input to its end', () => {
    const guest = createGuest({ stdin: text('hello') })
    guest.iovec(0, 100, 50)
    guest.call('fd_read', 0, 0, 1, 40)
    expect(guest.text(100, guest.view().getUint32(40, true))).toBe('hello')
    guest.call('fd_read', 0, 0, 1, 40)
    expect(guest.view().getUint32(40, true)).toBe(0)
  })

  it('reads at a place without moving', () => {
    const { guest, fd } = openFile()
    guest.iovec(0, 100, 4)
    expect(guest.call('fd_pread', fd, 0, 1, 6n, 40)).toBe(ERRNO.success)
    expect(guest.text(100, 4)).toBe('beta')
    guest.call('fd_pread', fd, 0, 1, -1n, 40)
    expect(guest.view().getUint32(40, true)).toBe(0)
    guest.call('fd_tell', fd, 40)
    expect(guest.view().getBigUint64(40, true)).toBe(0n)
  })

  it('fails where it cannot', () => {
    const { guest, fd } = openFile()
    guest.iovec(0, 100, 4)
    guest.iovec(8, OUTSIDE, 4)
    expect(guest.call('fd_read', 1, 0, 1, 40)).toBe(ERRNO.badf)
    expect(guest.call('fd_read', 3, 0, 1, 40)).toBe(ERRNO.isdir)
    expect(guest.call('fd_read', 77, 0, 1, 40)).toBe(ERRNO.badf)
    expect(guest.call('fd_pread', 0, 0, 1, 0n, 40)).toBe(ERRNO.spipe)
    expect(guest.call('fd_read', fd, 0, 2, 40)).toBe(ERRNO.fault)
    expect(guest.call('fd_read', fd, OUTSIDE, 1, 40)).toBe(ERRNO.fault)
    expect(guest.call('fd_read', fd, 0, 1, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('fd_read', fd, 0, 1025, 40)).toBe(ERRNO.inval)
    // None of the failures took anything from the file.
    guest.call('fd_tell', fd, 40)
    expect(guest.view().getBigUint64(40, true)).toBe(0n)
  })
})

describe('writing', () => {
  it('gathers the parts', () => {
    const guest = createGuest()
    guest.put(100, 'abcdef')
    guest.iovec(0, 100, 2)
    guest.iovec(8, 104, 2)
    expect(guest.call('fd_write', 1, 0, 2, 40)).toBe(ERRNO.success)
    expect(guest.view().getUint32(40, true)).toBe(4)
    guest.call('fd_write', 2, 0, 1, 40)
    expect(guest.written()).toEqual({ stdout: 'abef', stderr: 'ab' })
  })

  it('costs by the byte, a unit for every eight through each of two copies', () => {
    const guest = createGuest()
    guest.iovec(0, 0, 1000)
    guest.iovec(8, 0, 9000)
    const cost = (iovec: number) => {
      const start = guest.charged()
      guest.call('fd_write', 1, iovec, 1, 40)
      return guest.charged() - start
    }
    cost(0)
    const difference = cost(8) - cost(0)
    expect(difference).toBeGreaterThanOrEqual(2000)
    expect(difference).toBeLessThan(2200)
  })

  it('adds two to six bytes to the output each time, and none for nothing', () => {
    const guest = createGuest()
    const lengths = [0, 1, 127, 128, 16_384].map((length) => {
      guest.iovec(0, 0, length)
      guest.call('fd_write', 1, 0, 1, 40)
      return guest.outputLength()
    })
    expect(lengths).toEqual([0, 3, 3 + 129, 3 + 129 + 131, 3 + 129 + 131 + 16_388])
  })

  it('writes nothing where it fails', () => {
    const { guest, fd } = openFile()
    guest.iovec(0, 100, 2)
    expect(guest.call('fd_write', 0, 0, 1, 40)).toBe(ERRNO.badf)
    expect(guest.call('fd_write', fd, 0, 1, 40)).toBe(ERRNO.badf)
    expect(guest.call('fd_write', 1, 0, 1, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('fd_pwrite', 1, 0, 1, 0n, 40)).toBe(ERRNO.spipe)
    expect(guest.call('fd_pwrite', fd, 0, 1, 0n, 40)).toBe(ERRNO.badf)
    expect(guest.written().stdout).toBe('')
  })
})

describe('seeking', () => {
  const SET = 0
  const CUR = 1
  const END = 2

  it('goes from the start, the place and the end', () => {
    const { guest, fd } = openFile()
    const seek = (offset: bigint, whence: number) => {
      expect(guest.call('fd_seek', fd, offset, whence, 0)).toBe(ERRNO.success)
      return guest.view().getBigUint64(0, true)
    }
    expect([seek(4n, SET), seek(2n, CUR), seek(-1n, END), seek(5n, END)]).toEqual([4n, 6n, 9n, 15n])
  })

  it('fails where it cannot', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_seek', fd, -1n, SET, 0)).toBe(ERRNO.inval)
    expect(guest.call('fd_seek', fd, 2n ** 63n - 1n, END, 0)).toBe(ERRNO.inval)
    expect(guest.call('fd_seek', fd, 0n, 3, 0)).toBe(ERRNO.inval)
    expect(guest.call('fd_seek', fd, 0n, SET, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('fd_seek', 0, 0n, SET, 0)).toBe(ERRNO.spipe)
    expect(guest.call('fd_tell', 1, 0)).toBe(ERRNO.spipe)
    expect(guest.call('fd_seek', 3, 0n, SET, 0)).toBe(ERRNO.isdir)
  })
})

describe('looking at descriptors', () => {
  it('tells pipes, folders and files apart', () => {
    const { guest, fd } = openFile()
    const types = [0, 1, 2, 3, fd].map((each) => {
      expect(guest.call('fd_fdstat_get', each, 0)).toBe(ERRNO.success)
      return guest.view().getUint8(0)
    })
    expect(types).toEqual([0, 0, 0, 3, 4])
    expect(guest.call('fd_fdstat_get', 9, 0)).toBe(ERRNO.badf)
    expect(guest.call('fd_fdstat_get', 0, OUTSIDE)).toBe(ERRNO.fault)
  })

  it('gives size, type and inode', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_filestat_get', fd, 0)).toBe(ERRNO.success)
    expect(guest.view().getBigUint64(32, true)).toBe(10n)
    expect(guest.view().getUint8(16)).toBe(4)
    expect(guest.view().getBigUint64(8, true)).toBe(11n)
    expect(guest.call('fd_filestat_get', fd, OUTSIDE - 60)).toBe(ERRNO.fault)
  })

  it('finds / preopened on 3 and nothing else', () => {
    const guest = createGuest()
    expect(guest.call('fd_prestat_get', 3, 0)).toBe(ERRNO.success)
    expect([guest.view().getUint8(0), guest.view().getUint32(4, true)]).toEqual([0, 1])
    expect(guest.call('fd_prestat_dir_name', 3, 100, 1)).toBe(ERRNO.success)
    expect(guest.text(100, 1)).toBe('/')
    expect(guest.call('fd_prestat_dir_name', 3, 100, 0)).toBe(ERRNO.nametoolong)
    expect(guest.call('fd_prestat_get', 4, 0)).toBe(ERRNO.badf)
    expect(guest.call('fd_prestat_get', 1, 0)).toBe(ERRNO.badf)
    expect(guest.call('fd_prestat_dir_name', 2, 100, 1)).toBe(ERRNO.badf)
  })

  it('keeps flags, and refuses rights and unknown flags', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_fdstat_set_flags', fd, 4)).toBe(ERRNO.success)
    guest.call('fd_fdstat_get', fd, 0)
    expect(guest.view().getUint16(2, true)).toBe(4)
    expect(guest.call('fd_fdstat_set_flags', fd, 64)).toBe(ERRNO.inval)
    expect(guest.call('fd_fdstat_set_rights', fd, 0n, 0n)).toBe(ERRNO.notsup)
    expect(guest.call('fd_fdstat_set_rights', 50, 0n, 0n)).toBe(ERRNO.badf)
  })

  it('changes nothing', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_allocate', fd, 0n, 1n)).toBe(ERRNO.rofs)
    expect(guest.call('fd_filestat_set_size', fd, 1n)).toBe(ERRNO.rofs)
    expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 0)).toBe(ERRNO.rofs)
    expect(guest.call('fd_filestat_set_size', 1, 1n)).toBe(ERRNO.inval)
    expect([guest.call('fd_sync', fd), guest.call('fd_datasync', fd)]).toEqual([0, 0])
    expect([guest.call('fd_sync', 40), guest.call('fd_datasync', 40)]).toEqual([ERRNO.badf, ERRNO.badf])
    expect(guest.call('fd_advise', fd, 0n, 0n, 0)).toBe(ERRNO.success)
    expect(guest.call('fd_advise', 0, 0n, 0n, 0)).toBe(ERRNO.spipe)
  })
})

describe('the table of descriptors', () => {
  it('gives the lowest free number again', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_close', 0)).toBe(ERRNO.success)
    expect(guest.call('fd_close', 0)).toBe(ERRNO.badf)
    expect(guest.open('top').fd).toBe(0)
    expect(guest.open('top').fd).toBe(fd + 1)
  })

  it('moves one over another', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_renumber', fd, 0)).toBe(ERRNO.success)
    guest.iovec(0, 100, 5)
    guest.call('fd_read', 0, 0, 1, 40)
    expect(guest.text(100, 5)).toBe('alpha')
    expect(guest.call('fd_renumber', fd, 0)).toBe(ERRNO.badf)
    expect(guest.call('fd_renumber', 0, 30)).toBe(ERRNO.badf)
  })

  it('ends at 1024', () => {
    const guest = createGuest({ files })
    let errno = 0
    let opened = 4
    while (errno === 0) {
      errno = guest.open('top').errno
      if (errno === 0) opened++
    }
    expect([errno, opened]).toEqual([ERRNO.mfile, 1024])
  })
})

describe('listing a folder', () => {
  it('goes on from any cookie, and fills the buffer to the brim', () => {
    const guest = createGuest({ files })
    const names: string[] = []
    let cookie = 0n
    for (;;) {
      // Room for one whole entry at a time.
      expect(guest.call('fd_readdir', 3, 100, 29, cookie, 40)).toBe(ERRNO.success)
      const used = guest.view().getUint32(40, true)
      if (used < 24) break
      cookie = guest.view().getBigUint64(100, true)
      const length = guest.view().getUint32(116, true)
      names.push(`${guest.text(124, length)} ${guest.view().getUint8(120)}`)
    }
    expect(names).toEqual(['. 3', '.. 3', 'data 3', 'top 4', 'out 3'])
  })

  it('cuts the last entry off, so that the program knows there is more', () => {
    const guest = createGuest({ files })
    guest.call('fd_readdir', 3, 100, 30, 0n, 40)
    expect(guest.view().getUint32(40, true)).toBe(30)
  })

  it('fails where it cannot', () => {
    const { guest, fd } = openFile()
    expect(guest.call('fd_readdir', fd, 100, 100, 0n, 40)).toBe(ERRNO.notdir)
    expect(guest.call('fd_readdir', 3, 100, -1, 0n, 40)).toBe(ERRNO.fault)
    expect(guest.call('fd_readdir', 3, 100, 100, 0n, OUTSIDE)).toBe(ERRNO.fault)
    expect(guest.call('fd_readdir', 3, 100, 100, -1n, 40)).toBe(ERRNO.success)
    expect(guest.view().getUint32(40, true)).toBe(0)
  })
})

describe('sockets', () => {
  it('are not there', () => {
    const guest = createGuest()
    for (const name of ['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown']) {
      expect(guest.call(name, 1, 0, 0, 0, 0, 0)).toBe(ERRNO.notsock)
      expect(guest.call(name, 9, 0, 0, 0, 0, 0)).toBe(ERRNO.badf)
    }
  })
})
