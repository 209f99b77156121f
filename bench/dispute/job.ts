// A program of the metering bench as a job.
import { readFile } from 'node:fs/promises'
import { encodeInput } from '@millrace/machine'
import { PROGRAMS } from '../programs/catalog.ts'

/** What a job may use where nobody says, and more than these take. */
const LIMITS = { fuel: 10n * 10n ** 9n, outputMax: 1 << 20 }

/** @param amount of work, the program's last argument */
export async function jobOf(name: string, amount?: string) {
  const program = PROGRAMS.find((other) => other.name === name)
  if (!program) throw new Error(`There is no program "${name}".`)
  const files = Object.entries(program.files).map(
    async ([path, content]) =>
      [path, typeof content === 'string' ? Buffer.from(content) : await readFile(content)] as const,
  )
  const args = amount === undefined ? program.args : [...program.args.slice(0, -1), amount]
  const input = encodeInput({ args: [name, ...args], files: Object.fromEntries(await Promise.all(files)) })
  return { module: await readFile(program.module), input, limits: LIMITS }
}
