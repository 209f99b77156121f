/** The programs of `examples/`, as the SDK takes them. */
import { readFileSync } from 'node:fs'
import type { InputOptions } from '@millrace/sdk'
import { EXAMPLES, type Example, HOSTILE } from '../../examples/catalog.ts'

export const HELLO = exampleNamed('hello')
/** Never ends by itself: it runs for as long as its fuel lasts, about four gigafuel a second on a fast core. */
export const SPIN = readFileSync(HOSTILE.find(({ name }) => name === 'spin')!.module)

export interface Runnable extends InputOptions {
  readonly program: Uint8Array
}

/** What `run` needs for an example. */
export function runnable({ name, module, args, files, stdin }: Example): Runnable {
  return {
    program: readFileSync(module),
    name,
    args,
    files: Object.fromEntries(Object.entries(files).map(([path, url]) => [path, readFileSync(url)])),
    ...(stdin && { stdin: readFileSync(stdin) }),
  }
}

export function exampleNamed(name: string): Runnable {
  const found = EXAMPLES.find((example) => example.name === name)
  if (!found) throw new Error(`There is no example ${name}.`)
  return runnable(found)
}
