/**
 * The read-only tree of files that a program sees under `/`: folders follow from the input's paths.
 *
 * The tree is the sorted list of paths and nothing else. A folder is a range of it, found by searching; an
 * input of a few megabytes could name millions of folders, and none of them costs anything until it is opened.
 */
import { lowerBound } from '../io/lowerBound.ts'
import { ERRNO, Failure } from './preview1.ts'

export interface FileNode {
  readonly kind: 'file'
  readonly inode: bigint
  readonly content: Uint8Array
}

export interface FolderNode {
  readonly kind: 'folder'
  readonly inode: bigint
  readonly parent: FolderNode | undefined
  /** The range of paths below it: first, and one past the last. */
  readonly first: number
  readonly end: number
  /** How much of each of these paths comes before the name of what lies in this folder. */
  readonly offset: number
}

export type TreeNode = FileNode | FolderNode

/** One name in a folder, and where the next one is looked for. */
export interface Entry {
  readonly name: string
  readonly node: TreeNode
  readonly next: number
}

export class FileTree {
  readonly root: FolderNode
  readonly #paths: readonly string[]
  readonly #contents: readonly Uint8Array[]
  /** Characters of all paths before each: what makes inodes of places in paths. */
  readonly #starts: readonly number[]

  /** @param files contents by absolute, normalised path; no path is both a file and a folder */
  constructor(files: Readonly<Record<string, Uint8Array>>) {
    this.#paths = Object.keys(files).sort()
    this.#contents = this.#paths.map((path) => files[path]!)
    let start = 0
    this.#starts = this.#paths.map((path) => {
      start += path.length
      return start - path.length
    })
    this.root = { kind: 'folder', inode: 1n, parent: undefined, first: 0, end: this.#paths.length, offset: 1 }
  }

  /** What has this name in a folder. */
  child(folder: FolderNode, name: string): TreeNode | undefined {
    const { offset } = folder
    const at = lowerBound(this.#paths, name, folder)
    if (at < folder.end && this.#paths[at]!.slice(offset) === name) return this.#file(at)
    const first = lowerBound(this.#paths, `${name}/`, { ...folder, first: at })
    if (first === folder.end || !this.#paths[first]!.startsWith(`${name}/`, offset)) return undefined
    return this.#folder(folder, name, first)
  }

  /**
   * The name at a place in a folder's range, or nothing past its end. Each place is that of a file or of the
   * first file below a folder.
   */
  entryAt(folder: FolderNode, at: number): Entry | undefined {
    const path = this.#paths[at]
    if (path === undefined || at < folder.first || at >= folder.end) return undefined
    const slash = path.indexOf('/', folder.offset)
    if (slash < 0) return { name: path.slice(folder.offset), node: this.#file(at), next: at + 1 }
    const name = path.slice(folder.offset, slash)
    const node = this.#folder(folder, name, at)
    return { name, node, next: node.end }
  }

  /**
   * Follows a relative path from an open folder, which it may not leave: neither by a leading `/` nor by `..`.
   *
   * @throws {Failure} ENOENT, ENOTDIR, ENOTCAPABLE
   */
  walk(from: FolderNode, path: string): TreeNode {
    if (path === '') throw new Failure(ERRNO.noent)
    if (path.startsWith('/')) throw new Failure(ERRNO.notcapable)
    let node: TreeNode = from
    for (const name of path.split('/')) {
      if (node.kind === 'file') throw new Failure(ERRNO.notdir)
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (node === from || !node.parent) throw new Failure(ERRNO.notcapable)
        node = node.parent
        continue
      }
      const next = this.child(node, name)
      if (!next) throw new Failure(ERRNO.noent)
      node = next
    }
    return node
  }

  #file(at: number): FileNode {
    return { kind: 'file', inode: this.#inode(at, this.#paths[at]!.length), content: this.#contents[at]! }
  }

  #folder(parent: FolderNode, name: string, first: number): FolderNode {
    const offset = parent.offset + name.length + 1
    // "0" is the character after "/".
    const end = lowerBound(this.#paths, `${name}0`, { ...parent, first })
    return { kind: 'folder', inode: this.#inode(first, offset), parent, first, end, offset }
  }

  /** A node is a prefix of the first path that has it; inode 1 is the root's. */
  #inode(at: number, length: number): bigint {
    return BigInt(this.#starts[at]! + length)
  }
}
