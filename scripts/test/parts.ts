// The names that `npm test -- <name>…` knows, and what runs for each.

/** What one run of the tests consists of. */
export interface Plan {
  readonly checks: boolean
  readonly contracts: boolean
  /** Folders whose unit tests run. */
  readonly unit: readonly string[]
  readonly endToEnd: boolean
}

/** Unit tests stand beside the code in these. */
const UNIT: Readonly<Record<string, readonly string[]>> = {
  machine: ['machine'],
  sdk: ['sdk'],
  runner: ['runner'],
  services: ['services/matcher', 'services/agent', 'services/watcher'],
  matcher: ['services/matcher'],
  agent: ['services/agent'],
  watcher: ['services/watcher'],
  cli: ['cli'],
  scripts: ['scripts'],
  bench: ['bench'],
  examples: ['examples'],
}

export const PART_NAMES = ['checks', 'contracts', ...Object.keys(UNIT), 'e2e']

/**
 * What to run for these names; for none, everything that has tests.
 * @param hasTests says of a folder whether there is a test in it
 * @throws UnknownPartError
 */
export function planFor(names: readonly string[], hasTests: (folder: string) => boolean): Plan {
  const unknown = names.filter((name) => !PART_NAMES.includes(name))
  if (unknown.length > 0) throw new UnknownPartError(unknown)

  const all = names.length === 0
  // Asked for by name, a folder without a test is an error that its runner reports; among all, it is not.
  const unit = all ? Object.values(UNIT).flat().filter(hasTests) : names.flatMap((name) => UNIT[name] ?? [])
  return {
    checks: all || names.includes('checks'),
    contracts: all || names.includes('contracts'),
    unit: [...new Set(unit)],
    endToEnd: names.includes('e2e') || (all && hasTests('test')),
  }
}

/** Whether anything in it may start a chain, and so read the built contracts. */
export function needsContracts({ contracts, unit, endToEnd }: Plan): boolean {
  return contracts || endToEnd || unit.some((folder) => folder !== 'machine' && folder !== 'runner')
}

export class UnknownPartError extends Error {
  override readonly name = 'UnknownPartError'

  constructor(unknown: readonly string[]) {
    super(`No such part: ${unknown.join(', ')}. Name some of ${PART_NAMES.join(', ')}, or none for all.`)
  }
}
