/** The shared libraries that a program needs, by the paths under which the loader will look for them. */
import { spawnSync } from 'node:child_process'

/** `ldd`'s lines: `libc.so.6 => /lib/libc.so.6 (0x…)`, and the loader's own path alone. */
const LINE = /^\s*(?:\S+ => )?(\/\S+)(?: \(0x[0-9a-f]+\))?$/

/** @throws where there is no `ldd`; a program that needs none gives an empty list */
export function librariesOf(program: string): string[] {
  const { stdout, error } = spawnSync('ldd', [program], { encoding: 'utf8', timeout: 5_000 })
  if (error) throw error
  return parseLibraries(stdout)
}

export function parseLibraries(text: string): string[] {
  return text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? [])
}
