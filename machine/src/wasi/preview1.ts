/** Constants of WASI preview 1 (`wasi_snapshot_preview1`), as its witx files number them. */

/** The module name that programs import from. */
export const WASI_MODULE = 'wasi_snapshot_preview1'

/** Error numbers that this implementation gives. */
export const ERRNO = {
  success: 0,
  badf: 8,
  exist: 20,
  fault: 21,
  ilseq: 25,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nosys: 52,
  notdir: 54,
  notsock: 57,
  notsup: 58,
  rofs: 69,
  spipe: 70,
  notcapable: 76,
} as const

export type Errno = (typeof ERRNO)[keyof typeof ERRNO]

/**
 * Ends a call with an error number. Not an `Error`: a program may fail calls in a loop, and collecting a stack
 * trace each time would be work that its fuel does not pay for.
 */
export class Failure {
  readonly errno: Errno

  constructor(errno: Errno) {
    this.errno = errno
  }
}

/** What a descriptor stands for. A pipe has no number of its own in preview 1. */
export const FILETYPE = { unknown: 0, directory: 3, regularFile: 4 } as const

export const OFLAGS = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const

export const WHENCE = { set: 0, cur: 1, end: 2 } as const

export const EVENT = { clock: 0, fdRead: 1, fdWrite: 2 } as const

/** Of `subscription_clock`: the timeout is a point in time, not a duration. */
export const SUBSCRIPTION_CLOCK_ABSTIME = 1

const right = (...bits: number[]) => bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n)

/**
 * Rights that descriptors show. They inform (wasi-libc reads them to tell a terminal from a file) and are not
 * enforced: what a descriptor can do follows from what it is. Folders show the rights to create and write, so
 * that a program gets as far as the honest answer, a read-only file system.
 */
export const RIGHTS = {
  /** fd_datasync, fd_read, fd_seek, fd_fdstat_set_flags, fd_sync, fd_tell, fd_advise, fd_filestat_get, poll */
  file: right(0, 1, 2, 3, 4, 5, 7, 21, 27),
  /** fd_fdstat_set_flags, fd_sync, every path_*, fd_readdir, fd_filestat_get */
  folder: right(3, 4, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26),
  /** All thirty. */
  inherited: (1n << 30n) - 1n,
  /** fd_read, fd_fdstat_set_flags, fd_filestat_get, poll */
  source: right(1, 3, 21, 27),
  /** fd_datasync, fd_fdstat_set_flags, fd_sync, fd_write, fd_filestat_get, poll */
  sink: right(0, 3, 4, 6, 21, 27),
  /** fd_write, fd_allocate, fd_filestat_set_size: asking for one of them is opening to write. */
  writing: right(6, 8, 22),
} as const
