import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileTree, type FolderNode, type TreeNode } from './files.ts'

/** The tree as nested maps: what the sorted list must agree with. */
type Model = Map<string, Model | Uint8Array>

const name = fc.constantFrom('a', 'b', 'a-b', 'a0', 'a b', 'é', '\u{1f600}', '\ufffd', 'ab')
const paths = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`),
  { maxLength: 12 },
)

/** Leaves out paths that are folders of others. */
function filesOf(all: readonly string[]): Record<string, Uint8Array> {
  const files = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)))
  return Object.fromEntries(files.map((path, i) => [path, Uint8Array.of(i)]))
}

function modelOf(files: Record<string, Uint8Array>): Model {
  const root: Model = new Map()
  for (const [path, content] of Object.entries(files)) {
    const names = path.slice(1).split('/')
    const last = names.pop()!
    let folder = root
    for (const each of names) {
      if (!folder.has(each)) folder.set(each, new Map())
      folder = folder.get(each) as Model
    }
    folder.set(last, content)
  }
  return root
}

function readAll(tree: FileTree, folder: FolderNode, inodes: bigint[]): Model {
  const model: Model = new Map()
  for (let at = folder.first; ; ) {
    const entry = tree.entryAt(folder, at)
    if (!entry) return model
    expect(model.has(entry.name)).toBe(false)
    expect(comparable(tree.child(folder, entry.name))).toEqual(comparable(entry.node))
    inodes.push(entry.node.inode)
    model.set(entry.name, entry.node.kind === 'file' ? entry.node.content : readAll(tree, entry.node, inodes))
    at = entry.next
  }
}

function comparable(node: TreeNode | undefined) {
  return node && { kind: node.kind, inode: node.inode }
}

describe('FileTree', () => {
  it('lists and finds what nested maps hold, each with an inode of its own', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const files = filesOf(all)
        const tree = new FileTree(files)
        const inodes = [tree.root.inode]
        expect(readAll(tree, tree.root, inodes)).toEqual(modelOf(files))
        expect(new Set(inodes).size).toBe(inodes.length)
      }),
    )
  })

  it('finds nothing else', () => {
    fc.assert(
      fc.property(paths, name, (all, other) => {
        const files = filesOf(all)
        const tree = new FileTree(files)
        expect(tree.child(tree.root, other) !== undefined).toBe(modelOf(files).has(other))
        expect(tree.child(tree.root, `${other}/`)).toBeUndefined()
      }),
    )
  })
})
