// Which files a TypeScript file imports, by reading its text. It knows the statements that this
// project writes and no more: no require, no computed paths.
import path from 'node:path'
import { lineOf, type SourceFile } from './tree.ts'

export interface Import {
  readonly from: string
  readonly line: number
  /** As written: `./a.ts`, `node:fs`, `@millrace/sdk/abi`. */
  readonly specifier: string
  /** Gone before the program runs. */
  readonly typeOnly: boolean
  /** Path in the project, for a relative import. */
  readonly target?: string
}

const STATEMENTS = [
  // import … from 'x' and export … from 'x', over several lines too
  /^[ \t]*(?:import|export)\b(?<clause>[^'"`;()=]*?)\bfrom\s*['"](?<specifier>[^'"]+)['"]/gm,
  // import 'x'
  /^[ \t]*import\s*['"](?<specifier>[^'"]+)['"]/gm,
  // import('x')
  /\bimport\(\s*['"](?<specifier>[^'"]+)['"]\s*\)/g,
]

export const isScript = (name: string) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.d.ts')

/** Tests may reach for what their subject may not: a chain, a server, a fixture. */
export const isTest = (name: string) => /\.test\.ts$|(^|\/)(test|testing|fixtures)\//.test(name)

export function importsOf(file: SourceFile): Import[] {
  if (!isScript(file.path)) return []
  const text = withoutComments(file.text)
  return STATEMENTS.flatMap((statement) =>
    [...text.matchAll(statement)].map((match) => {
      const { specifier, clause } = match.groups as { specifier: string; clause?: string }
      return {
        from: file.path,
        line: lineOf(text, match.index + match[0].length),
        specifier,
        typeOnly: /^\s*type\b/.test(clause ?? ''),
        target: specifier.startsWith('.')
          ? path.posix.join(path.posix.dirname(file.path), specifier)
          : undefined,
      }
    }),
  )
}

/** Blanks comments out, keeping every line where it was. */
function withoutComments(text: string): string {
  return text
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^[ \t]*\/\/.*$/gm, '')
}
