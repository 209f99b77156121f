/**
 * `node pack.ts FILE ENTRY`: loads an entry as Node would, keeps every module on the way, and writes them as one file
 * that is run in their place. A limited process then needs no file of this project but that one, and starts in half
 * the time: no search for packages, no types to strip.
 *
 * The graph is the one that Node itself walks, so that nothing here has to read JavaScript. The first line says of
 * what the file was made: `bundle.ts` compares it with what is there.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Entry, Manifest } from './bundle.ts'

interface Module {
  readonly format: string
  readonly source: string
  /** What its imports mean: specifier → name of a module. */
  readonly imports: Record<string, string>
}

const modules = new Map<string, Module>()
const files: Manifest['files'][number][] = []

/** Names in the bundle say nothing about this computer. CommonJS wants the URL of a file. */
const names = new Map<string, string>()
function nameOf(url: string): string {
  const name = names.get(url) ?? `file:///runner/${names.size}/${basename(fileURLToPath(url))}`
  names.set(url, name)
  return name
}

const hooks = registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const parent = modules.get(context.parentURL ?? '')
    if (parent && !found.url.startsWith('node:')) parent.imports[specifier] = nameOf(found.url)
    return found
  },
  load(url, context, next) {
    const loaded = next(url, context)
    if (url.startsWith('node:')) return loaded
    const path = fileURLToPath(url)
    const text = readFileSync(path, 'utf8')
    const typed = loaded.format?.endsWith('-typescript')
    modules.set(url, {
      format: (loaded.format ?? 'module').replace('-typescript', ''),
      source: typed ? stripTypeScriptTypes(text) : text,
      imports: {},
    })
    const { size, mtimeMs } = statSync(path)
    files.push({ path, size, mtimeMs })
    return loaded
  },
})
const [target, name] = process.argv.slice(2) as [string, Entry]
const entry = new URL(`./${name}.ts`, import.meta.url).href
// Its standard input is empty here, so that it ends at once.
await import(entry)
hooks.deregister()

const packed = Object.fromEntries([...modules].map(([url, module]) => [nameOf(url), module]))
const manifest: Manifest = { node: process.version, files }
/** A string of JSON is read faster than the same as a literal. */
const text = `//${JSON.stringify(manifest)}
import { registerHooks } from 'node:module'
const modules = JSON.parse(${JSON.stringify(JSON.stringify(packed))})
registerHooks({
  resolve(specifier, context, next) {
    const url = modules[context.parentURL]?.imports[specifier] ?? specifier
    const found = modules[url]
    return found ? { url, format: found.format, shortCircuit: true } : next(specifier, context)
  },
  load(url, context, next) {
    const found = modules[url]
    return found ? { format: found.format, source: found.source, shortCircuit: true } : next(url, context)
  },
})
await import(${JSON.stringify(nameOf(entry))})
`
// Whoever starts at the same time sees a whole file, old or new.
writeFileSync(`${target}.${process.pid}`, text, { mode: 0o600 })
renameSync(`${target}.${process.pid}`, target)
