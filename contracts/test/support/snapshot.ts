// Figures that must not drift unseen. `UPDATE_SNAPSHOTS=1 npm test -- contracts` writes them anew.
import { readFile, writeFile } from 'node:fs/promises'
import { expect } from 'chai'

/** Gas and sizes may drift by so many per cent before a snapshot must be taken anew. */
const DRIFT = 2

export async function compare<T>(name: string, is: T, check: (was: T, is: T) => void): Promise<void> {
  const file = new URL(`../snapshots/${name}.json`, import.meta.url)
  if (process.env.UPDATE_SNAPSHOTS) return writeFile(file, `${JSON.stringify(is, null, 2)}\n`)
  check(JSON.parse(await readFile(file, 'utf8')), is)
}

export function expectClose(was: Record<string, number>, is: Record<string, number>): void {
  expect(Object.keys(is)).to.deep.equal(Object.keys(was))
  for (const [name, value] of Object.entries(is)) {
    expect(value, name).to.be.closeTo(was[name]!, Math.round((was[name]! * DRIFT) / 100))
  }
}
