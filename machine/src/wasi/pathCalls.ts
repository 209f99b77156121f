/** Calls that name a path. The tree is read-only: whatever would change it fails with EROFS. */
import type { TreeNode } from './files.ts'
import { PRICE } from './host.ts'
import { ERRNO, Failure, OFLAGS, RIGHTS } from './preview1.ts'
import { writeFilestat } from './stat.ts'
import type { World } from './world.ts'

const MAX_PATH_BYTES = 4096

export function pathCalls({ host, memory, clock, files, descriptors }: World) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  const readPath = (pointer: number, length: number): string => {
    const bytes = memory.bytes(pointer, length)
    if (bytes.length > MAX_PATH_BYTES) throw new Failure(ERRNO.nametoolong)
    host.charge(bytes.length * PRICE.pathByte)
    let path: string
    try {
      path = decoder.decode(bytes)
    } catch {
      throw new Failure(ERRNO.ilseq)
    }
    if (path.includes('\0')) throw new Failure(ERRNO.inval)
    return path
  }
  const find = (fd: number, pointer: number, length: number): TreeNode => {
    const from = descriptors.folder(fd)
    const path = readPath(pointer, length)
    host.charge(path.split('/').length * PRICE.name)
    return files.walk(from, path)
  }

  /** For calls whose only path is the one to change. */
  const refuseChange = (fd: number, pointer: number, length: number) => {
    descriptors.folder(fd)
    readPath(pointer, length)
    throw new Failure(ERRNO.rofs)
  }

  return {
    path_create_directory: refuseChange,
    path_remove_directory: refuseChange,
    path_unlink_file: refuseChange,
    path_filestat_set_times: (fd: number, _flags: number, path: number, length: number) =>
      refuseChange(fd, path, length),
    path_link(from: number, _flags: number, old: number, oldLength: number, to: number, ...rest: number[]) {
      find(from, old, oldLength)
      refuseChange(to, rest[0]!, rest[1]!)
    },
    path_rename(from: number, old: number, oldLength: number, to: number, name: number, length: number) {
      find(from, old, oldLength)
      refuseChange(to, name, length)
    },
    path_symlink(target: number, targetLength: number, fd: number, path: number, length: number) {
      readPath(target, targetLength)
      refuseChange(fd, path, length)
    },
    /** There are no symbolic links. */
    path_readlink(fd: number, path: number, length: number) {
      find(fd, path, length)
      throw new Failure(ERRNO.inval)
    },

    path_filestat_get(fd: number, _flags: number, path: number, length: number, out: number) {
      writeFilestat(memory, out, find(fd, path, length), clock.start)
    },

    path_open(
      fd: number,
      _lookup: number,
      path: number,
      length: number,
      oflags: number,
      rights: bigint,
      _inheriting: bigint,
      flags: number,
      out: number,
    ) {
      memory.bytes(out, 4)
      const node = findToOpen(() => find(fd, path, length), oflags)
      checkReadOnly(node, oflags, rights)
      const opened =
        node.kind === 'file'
          ? descriptors.open({ kind: 'file', node, position: 0n, flags })
          : descriptors.open({ kind: 'folder', node, flags })
      memory.setU32(out, opened)
    },
  }
}

/** The node, or the reason why it cannot be made: a missing file that was to be created needs a write. */
function findToOpen(find: () => TreeNode, oflags: number): TreeNode {
  try {
    const node = find()
    if (oflags & OFLAGS.creat && oflags & OFLAGS.excl) throw new Failure(ERRNO.exist)
    return node
  } catch (failure) {
    const missing = failure instanceof Failure && failure.errno === ERRNO.noent
    throw missing && oflags & OFLAGS.creat ? new Failure(ERRNO.rofs) : failure
  }
}

function checkReadOnly(node: TreeNode, oflags: number, rights: bigint): void {
  const writes = (rights & RIGHTS.writing) !== 0n || (oflags & OFLAGS.trunc) !== 0
  if (node.kind === 'file' && oflags & OFLAGS.directory) throw new Failure(ERRNO.notdir)
  if (writes) throw new Failure(node.kind === 'folder' ? ERRNO.isdir : ERRNO.rofs)
}
