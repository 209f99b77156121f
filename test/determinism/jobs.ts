/** Jobs whose results must not depend on the engine: floats, recursion, and whole interpreters with it all. */
import { readFile } from 'node:fs/promises'
import { encodeInput, type RunLimits } from '@millrace/machine'
import { EXAMPLES, HOSTILE } from '../../examples/catalog.ts'

export interface Job {
  readonly name: string
  readonly module: URL
  readonly args: readonly string[]
  /** Files that the program sees, by path. */
  readonly files: Readonly<Record<string, URL>>
  readonly stdin?: URL
  readonly limits: RunLimits
  /** Goes as deep as the machine allows: where the host's stack is smaller, the run may end without a result. */
  readonly deep?: boolean
}

const LIMITS = { fuel: 20_000_000_000n, outputMax: 1 << 20 }

const examples = EXAMPLES.map((example): Job => ({ ...example, limits: LIMITS }))
const hostile = HOSTILE.map(
  ({ name, module, status }): Job => ({
    ...{ name, module, args: [], files: {}, deep: status === 'stack-exhausted' },
    limits: { fuel: 100_000_000n, outputMax: 10_000 },
  }),
)
const named = (name: string) => [...examples, ...hostile].find((job) => job.name === name)!

/** A few seconds on every engine. */
export const SHORT = ['wordcount', 'mandelbrot', 'trap', 'spin', 'recurse', 'php'].map(named)

export const ALL = [...examples, ...hostile]

export async function inputOf({ name, args, files, stdin }: Job): Promise<Uint8Array> {
  const contents = Object.entries(files).map(async ([path, url]) => [path, await readFile(url)] as const)
  return encodeInput({
    args: [name, ...args],
    files: Object.fromEntries(await Promise.all(contents)),
    ...(stdin && { stdin: await readFile(stdin) }),
  })
}
