/**
 * Compiles the machine's WASI library, which is linked into programs, from C into a module.
 *
 *     node scripts/generate/wasi.ts            after a change in machine/wasi
 *     node scripts/generate/wasi.ts --check    fails where what is committed is not what is compiled
 */
import { generate } from './compiledC.ts'

await generate({
  name: 'The WASI library',
  script: 'scripts/generate/wasi.ts',
  sources: 'machine/wasi',
  file: 'machine/src/wasi/library.gen.ts',
  constant: 'LIBRARY',
  description: 'The WASI library',
  compiler: ['-Os'],
  // A stack that runs into nothing else, and 64 MiB at most.
  linker: ['--no-entry', '--stack-first', '-z,stack-size=16384', '--max-memory=67108864', '--strip-all'],
})
