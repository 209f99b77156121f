// The project as the checks see it: files with their text, read once.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** A text file of the project; `path` is relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Something a check objects to: where, and what to do about it. */
export interface Finding {
  readonly path: string
  /** Line counted from 1, where the objection is to one. */
  readonly line?: number
  readonly message: string
}

/** A rule over the whole project. Pure: the same files give the same findings. */
export type Check = (files: readonly SourceFile[]) => Finding[]

/** Bytes of one of these are not text, or are somebody's output. */
const NOT_SOURCE = /\.(wasm|png|jpg|gz|bin)$/

/**
 * Every file that .gitignore does not name. Git itself is not asked: an unpacked archive has none,
 * and in a checkout of another user's it refuses to answer.
 */
export async function readTree(root: string): Promise<SourceFile[]> {
  const isIgnored = ignoreRule(await readFile(path.join(root, '.gitignore'), 'utf8'))
  const read = async (folder: string): Promise<SourceFile[]> => {
    const entries = await readdir(path.join(root, folder), { withFileTypes: true })
    const files = entries.map(async (entry) => {
      const name = path.posix.join(folder, entry.name)
      if (isIgnored(name)) return []
      if (entry.isDirectory()) return read(name)
      if (!entry.isFile() || NOT_SOURCE.test(name)) return []
      return [{ path: name, text: await readFile(path.join(root, name), 'utf8') }]
    })
    return (await Promise.all(files)).flat()
  }
  return read('')
}

/** Understands what this project's .gitignore says: names, folders with a slash behind, and `*`. */
export function ignoreRule(gitignore: string): (path: string) => boolean {
  const lines = gitignore.split('\n').filter((line) => line && !line.startsWith('#'))
  const patterns = ['.git', ...lines].map((line) => {
    const name = line.replace(/\/$/, '')
    const source = name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
    return new RegExp(name.includes('/') ? `^${source.replace(/^\//, '')}$` : `(^|/)${source}$`)
  })
  return (name) => patterns.some((pattern) => pattern.test(name))
}

/** The number, from 1, of the line that an offset into a text falls into. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
