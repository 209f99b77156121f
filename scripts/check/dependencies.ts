// A workspace names every package that its programs import: what npm happens to have hoisted into
// reach here is not there for whoever installs that workspace alone.
import path from 'node:path'
import { importsOf, isTest } from './imports.ts'
import type { Check, SourceFile } from './tree.ts'

interface Manifest {
  readonly workspaces?: readonly string[]
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
}

export const dependencies: Check = (files) => {
  const workspaces = readManifest(files, 'package.json').workspaces ?? []
  const declared = new Map(
    workspaces.map((folder) => [
      folder,
      namesIn(readManifest(files, path.posix.join(folder, 'package.json'))),
    ]),
  )
  return files.flatMap((file) => {
    const folder = workspaces.find((workspace) => file.path.startsWith(`${workspace}/`))
    if (folder === undefined || isTest(file.path)) return []
    return importsOf(file)
      .filter(({ specifier }) => {
        const name = packageOf(specifier)
        return name !== undefined && !declared.get(folder)?.has(name)
      })
      .map(({ specifier, line }) => ({
        path: file.path,
        line,
        message: `${folder}/package.json does not name ${packageOf(specifier)}`,
      }))
  })
}

function readManifest(files: readonly SourceFile[], name: string): Manifest {
  return JSON.parse(files.find((file) => file.path === name)?.text ?? '{}') as Manifest
}

function namesIn({ dependencies, peerDependencies, optionalDependencies }: Manifest): Set<string> {
  return new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }))
}

/** The package behind a specifier; none for a file, a module of Node's and a private name such as `#x`. */
function packageOf(specifier: string): string | undefined {
  return specifier.match(/^(?!node:)(@[^/]+\/[^/]+|[a-z][^/:]*)/)?.[1]
}
