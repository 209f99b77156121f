// The lockfile names contents, not places: every package has a hash and none an address. And every
// manifest asks for exact versions, so that two installs a year apart are the same.
import type { Check, Finding, SourceFile } from './tree.ts'

interface Locked {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
}
type Manifest = Partial<Record<(typeof FIELDS)[number], Record<string, string>>>

const LOCKFILE = 'package-lock.json'
const FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
] as const
const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?$/

export const lockfile: Check = (files) => {
  const lock = files.find((file) => file.path === LOCKFILE)
  const others = files.filter((file) => file.path.endsWith(`/${LOCKFILE}`))
  return [
    ...(lock ? locked(lock) : [{ path: LOCKFILE, message: 'there is none' }]),
    ...others.map((file) => ({ path: file.path, message: `one lockfile is enough: ${LOCKFILE}` })),
    ...files.filter((file) => /(^|\/)package\.json$/.test(file.path)).flatMap(pinned),
  ]
}

function locked({ path, text }: SourceFile): Finding[] {
  const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages)
  return packages.flatMap(([name, entry]) => {
    const isLocal = entry.link || !name.includes('node_modules/')
    const findings: Finding[] = []
    if (!isLocal && !entry.integrity) findings.push({ path, message: `${name} has no integrity hash` })
    if (entry.resolved?.includes('://')) findings.push({ path, message: `${name} has a download address` })
    return findings
  })
}

function pinned({ path, text }: SourceFile): Finding[] {
  const manifest = JSON.parse(text) as Manifest
  return FIELDS.flatMap((field) => Object.entries(manifest[field] ?? {}))
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => ({ path, message: `${name} wants an exact version, not ${version}` }))
}
