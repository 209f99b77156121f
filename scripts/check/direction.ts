// Nothing lower imports anything higher, and services meet through the chain, the queue or HTTP only.
import { importsOf, isTest } from './imports.ts'
import type { Check, Finding } from './tree.ts'

interface Part {
  /** Parts that its programs may import. */
  readonly knows: readonly string[]
  /** Runs in a browser as well, so that Node's own modules are out of its reach. */
  readonly portable?: boolean
}

/** Parts that may be imported, by folder. What is not listed, such as scripts/, may import all. */
const PARTS: Readonly<Record<string, Part>> = {
  machine: { knows: [], portable: true },
  sdk: { knows: ['machine'], portable: true },
  runner: { knows: ['machine', 'sdk'] },
  'services/matcher': { knows: ['machine', 'sdk'] },
  'services/agent': { knows: ['machine', 'sdk', 'runner'] },
  'services/watcher': { knows: ['machine', 'sdk', 'runner'] },
  cli: { knows: ['machine', 'sdk', 'runner', 'services/matcher', 'services/agent', 'services/watcher'] },
  contracts: { knows: [] },
}

/** Tests bring up real surroundings, and compare the contracts with the documents of the SDK. */
const TESTS_KNOW: Readonly<Record<string, readonly string[]>> = {
  contracts: ['scripts', 'machine', 'sdk'],
}
const ALL_TESTS_KNOW = ['scripts', 'contracts', 'examples']

/** Folders of code that everything above may use. */
const OTHERS = ['scripts', 'test', 'bench', 'examples', 'docs']

export const direction: Check = (files) =>
  files.flatMap((file) => {
    const own = partOf(file.path)
    const part = own === undefined ? undefined : PARTS[own]
    if (own === undefined || !part) return []
    const extra = isTest(file.path) ? [...ALL_TESTS_KNOW, ...(TESTS_KNOW[own] ?? [])] : []
    const allowed = [own, ...part.knows, ...extra]

    return importsOf(file).flatMap(({ specifier, target, line }): Finding[] => {
      const at = { path: file.path, line }
      if (part.portable && specifier.startsWith('node:') && !isTest(file.path)) {
        return [{ ...at, message: `${own} runs in a browser too and cannot import ${specifier}` }]
      }
      const wanted = target === undefined ? partOfPackage(specifier) : partOf(target)
      if (wanted === undefined || allowed.includes(wanted)) return []
      return [{ ...at, message: `${own} must not know ${wanted}: ${specifier}` }]
    })
  })

/** The part that a path lies in. */
function partOf(name: string): string | undefined {
  return [...Object.keys(PARTS), ...OTHERS].find((part) => name.startsWith(`${part}/`))
}

/** The part behind `@millrace/name` or a path below it. */
function partOfPackage(specifier: string): string | undefined {
  const name = specifier.match(/^@millrace\/([^/]+)/)?.[1]
  if (name === undefined) return undefined
  return `services/${name}` in PARTS ? `services/${name}` : name
}
