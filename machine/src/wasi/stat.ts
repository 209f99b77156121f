import type { Descriptor } from './descriptors.ts'
import type { TreeNode } from './files.ts'
import type { GuestMemory } from './memory.ts'
import { FILETYPE, RIGHTS } from './preview1.ts'

/** What `fd_fdstat_get` shows of each kind of descriptor. */
const FDSTAT = {
  source: { type: FILETYPE.unknown, rights: RIGHTS.source, inheriting: 0n },
  sink: { type: FILETYPE.unknown, rights: RIGHTS.sink, inheriting: 0n },
  file: { type: FILETYPE.regularFile, rights: RIGHTS.file, inheriting: 0n },
  folder: { type: FILETYPE.directory, rights: RIGHTS.folder, inheriting: RIGHTS.inherited },
} as const

/** Writes an `fdstat`: type at 0, flags at 2, rights at 8, rights inherited at 16. */
export function writeFdstat(memory: GuestMemory, out: number, descriptor: Descriptor): void {
  const { type, rights, inheriting } = FDSTAT[descriptor.kind]
  memory.bytes(out, 24).fill(0)
  memory.setU32(out, type | (descriptor.flags << 16))
  memory.setU64(out + 8, rights)
  memory.setU64(out + 16, inheriting)
}

/**
 * Writes a `filestat`: device at 0, inode at 8, type at 16, links at 24, size at 32, three times from 40. Files
 * came to be when the program started.
 */
export function writeFilestat(memory: GuestMemory, out: number, node: TreeNode | 'pipe', time: bigint): void {
  memory.bytes(out, 64).fill(0)
  const size = node !== 'pipe' && node.kind === 'file' ? node.content.length : 0
  memory.setU64(out + 8, node === 'pipe' ? 0n : node.inode)
  memory.setU32(out + 16, filetypeOf(node))
  memory.setU64(out + 24, 1n)
  memory.setU64(out + 32, BigInt(size))
  for (const at of [40, 48, 56]) memory.setU64(out + at, time)
}

export function filetypeOf(node: TreeNode | 'pipe'): number {
  if (node === 'pipe') return FILETYPE.unknown
  return node.kind === 'file' ? FILETYPE.regularFile : FILETYPE.directory
}
