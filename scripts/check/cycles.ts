// No file imports itself by way of others. Types count too: a cycle of types is a missing file.
import { importsOf } from './imports.ts'
import type { Check, Finding } from './tree.ts'

export const cycles: Check = (files) => {
  const known = new Set(files.map((file) => file.path))
  const edges = new Map<string, string[]>()
  for (const file of files) {
    const targets = importsOf(file).flatMap(({ target }) => (target && known.has(target) ? [target] : []))
    edges.set(file.path, targets)
  }

  const findings: Finding[] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (name: string) => {
    const start = trail.indexOf(name)
    if (start >= 0) {
      const ring = [...trail.slice(start), name]
      findings.push({ path: name, message: `a cycle of imports: ${ring.join(' → ')}` })
      return
    }
    if (done.has(name)) return
    trail.push(name)
    for (const next of edges.get(name) ?? []) visit(next)
    trail.pop()
    done.add(name)
  }
  for (const name of edges.keys()) visit(name)
  return findings
}
