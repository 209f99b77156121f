/** The official WebAssembly test suite as data: a folder a file of it, with JSON commands and binary modules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = process.env.WASM_TESTSUITE ?? join(import.meta.dirname, '../../../../shared/wasm-testsuite')

export const suiteIsThere = existsSync(ROOT)

export interface Value {
  readonly type: string
  /** A decimal bit pattern, `null`, or `nan:canonical` and `nan:arithmetic`. */
  readonly value?: string
}

export interface Command {
  readonly type: string
  readonly line: number
  readonly filename?: string
  readonly name?: string
  readonly text?: string
  /** Of `register`: the name that other modules import it by. */
  readonly as?: string
  readonly action?: { type: string; field: string; module?: string; args: Value[] }
  readonly expected?: Value[]
}

export interface SuiteFile {
  readonly name: string
  readonly commands: Command[]
  /** The binary of a command, or null where it is text. */
  binary(command: Command): Uint8Array | null
}

export function suiteFiles(): SuiteFile[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      commands: JSON.parse(readFileSync(join(ROOT, name, `${name}.json`), 'utf8')).commands,
      binary: ({ filename }) =>
        filename?.endsWith('.wasm') ? new Uint8Array(readFileSync(join(ROOT, name, filename))) : null,
    }))
}

/** The counts that `docs/MACHINE-SUITE.md` gives in the table whose first heading is that. */
export function documentedCounts(heading: string): Record<string, number> {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/MACHINE-SUITE.md'), 'utf8').trimEnd()
  const table = page.slice(page.indexOf(`| ${heading} | count |`)).split('\n\n')[0]!
  const rows = table.split('\n').slice(2)
  return Object.fromEntries(
    rows.map((row) => {
      const [, name, count] = row.split('|').map((cell) => cell.trim())
      return [name!, Number(count)]
    }),
  )
}
