import { compilers } from './compilers.ts'
import { cycles } from './cycles.ts'
import { dependencies } from './dependencies.ts'
import { direction } from './direction.ts'
import { leaks } from './leaks.ts'
import { length } from './length.ts'
import { links } from './links.ts'
import { lockfile } from './lockfile.ts'
import type { Check } from './tree.ts'

/** Every rule of the house that a program can check, by the name it is reported under. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'direction of imports': direction,
  'cycles of imports': cycles,
  'packages named': dependencies,
  lockfile,
  'machine paths and keys': leaks,
  'length of files': length,
  'links in pages': links,
  'compiler settings': compilers,
}

export { type Check, type Finding, readTree, type SourceFile } from './tree.ts'
