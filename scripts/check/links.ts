// Links between the pages lead somewhere: to a file that exists, and to a heading in it.
import path from 'node:path'
import { type Check, lineOf } from './tree.ts'

export const links: Check = (files) => {
  const texts = new Map(files.map((file) => [file.path, file.text]))
  const folders = new Set(files.flatMap((file) => parents(file.path)))

  return files
    .filter((file) => file.path.endsWith('.md'))
    .flatMap((page) =>
      [...withoutCode(page.text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
        const link = match[1]!
        if (/^[a-z]+:/.test(link)) return []
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? page.path : path.posix.join(path.posix.dirname(page.path), file)
        const at = { path: page.path, line: lineOf(page.text, match.index) }
        const text = texts.get(target)
        if (text === undefined) {
          const isFolder = folders.has(target.replace(/\/$/, ''))
          return isFolder ? [] : [{ ...at, message: `${link} leads to no file` }]
        }
        if (anchor === undefined || !target.endsWith('.md') || headings(text).has(anchor)) return []
        return [{ ...at, message: `${link} leads to no heading` }]
      }),
    )
}

function parents(name: string): string[] {
  const parent = path.posix.dirname(name)
  return parent === '.' ? [] : [parent, ...parents(parent)]
}

/** Blanks code out, keeping offsets: brackets in it are no links. */
function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, ' '))
}

/** The anchors that a page's headings get where it is shown: lower case, spaces to dashes. */
function headings(text: string): Set<string> {
  const titles = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+\s+(.+?)\s*$/gm)].map(
    (match) => match[1]!,
  )
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  )
}
