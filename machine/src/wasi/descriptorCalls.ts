/** Calls on open descriptors. */
import type { Descriptor } from './descriptors.ts'
import type { FileTree, FolderNode, TreeNode } from './files.ts'
import { PRICE } from './host.ts'
import { ERRNO, Failure, WHENCE } from './preview1.ts'
import { filetypeOf, writeFdstat, writeFilestat } from './stat.ts'
import { gatherParts, scatter } from './vectors.ts'
import type { World } from './world.ts'

const DIRENT_BYTES = 24
const MAX_I64 = 2n ** 63n - 1n
/** append, dsync, nonblock, rsync, sync */
const FDFLAGS_MASK = 0b11111

export function descriptorCalls({ host, memory, clock, files, descriptors }: World) {
  const encoder = new TextEncoder()

  /** A descriptor that has a place: others are pipes or folders. */
  const seekable = (fd: number) => {
    const descriptor = descriptors.get(fd)
    if (descriptor.kind === 'folder') throw new Failure(ERRNO.isdir)
    if (descriptor.kind !== 'file') throw new Failure(ERRNO.spipe)
    return descriptor
  }
  const readable = (fd: number) => {
    const descriptor = descriptors.get(fd)
    if (descriptor.kind === 'folder') throw new Failure(ERRNO.isdir)
    if (descriptor.kind === 'sink') throw new Failure(ERRNO.badf)
    return descriptor
  }
  const exists = (fd: number) => {
    descriptors.get(fd)
  }
  const preopen = (fd: number) => {
    const descriptor = descriptors.get(fd)
    if (descriptor.kind !== 'folder' || descriptor.preopened === undefined) throw new Failure(ERRNO.badf)
    return encoder.encode(descriptor.preopened)
  }
  const readOnly = (fd: number) => {
    const { kind } = descriptors.get(fd)
    throw new Failure(kind === 'file' || kind === 'folder' ? ERRNO.rofs : ERRNO.inval)
  }

  return {
    fd_advise: (fd: number) => {
      seekable(fd)
    },
    fd_allocate: readOnly,
    fd_close: (fd: number) => descriptors.close(fd),
    fd_datasync: exists,
    fd_sync: exists,

    fd_fdstat_get: (fd: number, out: number) => writeFdstat(memory, out, descriptors.get(fd)),
    fd_fdstat_set_flags(fd: number, flags: number) {
      if (flags & ~FDFLAGS_MASK) throw new Failure(ERRNO.inval)
      descriptors.get(fd).flags = flags
    },
    fd_fdstat_set_rights(fd: number) {
      exists(fd)
      throw new Failure(ERRNO.notsup)
    },

    fd_filestat_get(fd: number, out: number) {
      const descriptor = descriptors.get(fd)
      writeFilestat(memory, out, 'node' in descriptor ? descriptor.node : 'pipe', clock.start)
    },
    fd_filestat_set_size: readOnly,
    fd_filestat_set_times: readOnly,

    fd_prestat_get(fd: number, out: number) {
      const name = preopen(fd)
      memory.bytes(out, 8).fill(0)
      memory.setU32(out + 4, name.length)
    },
    fd_prestat_dir_name(fd: number, out: number, length: number) {
      const name = preopen(fd)
      if (length >>> 0 < name.length) throw new Failure(ERRNO.nametoolong)
      memory.set(out, name)
    },

    fd_read(fd: number, iovs: number, count: number, out: number) {
      const descriptor = readable(fd)
      const parts = gatherParts(host, memory, iovs, count)
      memory.bytes(out, 4)
      const read = scatter(host, contentOf(descriptor), descriptor.position, parts)
      descriptor.position += BigInt(read)
      memory.setU32(out, read)
    },
    fd_pread(fd: number, iovs: number, count: number, offset: bigint, out: number) {
      if (readable(fd).kind === 'source') throw new Failure(ERRNO.spipe)
      const parts = gatherParts(host, memory, iovs, count)
      memory.bytes(out, 4)
      memory.setU32(out, scatter(host, seekable(fd).node.content, BigInt.asUintN(64, offset), parts))
    },
    fd_write(fd: number, iovs: number, count: number, out: number) {
      const descriptor = descriptors.get(fd)
      if (descriptor.kind !== 'sink') throw new Failure(ERRNO.badf)
      const parts = gatherParts(host, memory, iovs, count)
      memory.bytes(out, 4)
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      host.charge(length * PRICE.outputByte)
      for (const part of parts) host.write(descriptor.stream, part)
      memory.setU32(out, length)
    },
    fd_pwrite(fd: number) {
      throw new Failure(descriptors.get(fd).kind === 'sink' ? ERRNO.spipe : ERRNO.badf)
    },

    fd_seek(fd: number, offset: bigint, whence: number, out: number) {
      const file = seekable(fd)
      const position = seekBase(file.position, file.node.content.length, whence) + offset
      if (position < 0n || position > MAX_I64) throw new Failure(ERRNO.inval)
      memory.setU64(out, position)
      file.position = position
    },
    fd_tell: (fd: number, out: number) => memory.setU64(out, seekable(fd).position),

    fd_readdir(fd: number, buffer: number, length: number, cookie: bigint, out: number) {
      const target = memory.bytes(buffer, length)
      memory.bytes(out, 4)
      const folder = descriptors.folder(fd)
      let used = 0
      for (let at = BigInt.asUintN(64, cookie); used < target.length; ) {
        host.charge(PRICE.name)
        const entry = entryAt(files, folder, at)
        if (!entry) break
        const bytes = encodeEntry(encoder.encode(entry.name), entry).subarray(0, target.length - used)
        host.charge(bytes.length * PRICE.byte)
        target.set(bytes, used)
        used += bytes.length
        at = entry.next
      }
      memory.setU32(out, used)
    },
    fd_renumber: (from: number, to: number) => descriptors.renumber(from, to),
  }
}

function contentOf(descriptor: Extract<Descriptor, { position: bigint }>): Uint8Array {
  return descriptor.kind === 'file' ? descriptor.node.content : descriptor.content
}

function seekBase(position: bigint, length: number, whence: number): bigint {
  switch (whence) {
    case WHENCE.set:
      return 0n
    case WHENCE.cur:
      return position
    case WHENCE.end:
      return BigInt(length)
    default:
      throw new Failure(ERRNO.inval)
  }
}

interface DirectoryEntry {
  readonly name: string
  readonly node: TreeNode
  /** The cookie of the entry after this one. */
  readonly next: bigint
}

/** The entry that a cookie stands for: 0 and 1 are the folder and the one above, then places in its range. */
function entryAt(files: FileTree, folder: FolderNode, cookie: bigint): DirectoryEntry | undefined {
  if (cookie === 0n) return { name: '.', node: folder, next: 1n }
  if (cookie === 1n) return { name: '..', node: folder.parent ?? folder, next: 2n }
  const entry = files.entryAt(folder, folder.first + Number(cookie - 2n))
  return entry && { ...entry, next: BigInt(entry.next - folder.first + 2) }
}

/** A `dirent`: next cookie at 0, inode at 8, length of the name at 16, type at 20; then the name. */
function encodeEntry(name: Uint8Array, { node, next }: DirectoryEntry): Uint8Array {
  const entry = new Uint8Array(DIRENT_BYTES + name.length)
  const view = new DataView(entry.buffer)
  view.setBigUint64(0, next, true)
  view.setBigUint64(8, node.inode, true)
  view.setUint32(16, name.length, true)
  view.setUint8(20, filetypeOf(node))
  entry.set(name, DIRENT_BYTES)
  return entry
}
