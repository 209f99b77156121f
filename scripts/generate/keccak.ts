/**
 * Compiles the hashing of Merkle trees from C into a module.
 *
 *     node scripts/generate/keccak.ts            after a change in machine/keccak
 *     node scripts/generate/keccak.ts --check    fails where what is committed is not what is compiled
 */
import { generate } from './compiledC.ts'

await generate({
  name: 'The hashing of trees',
  script: 'scripts/generate/keccak.ts',
  sources: 'machine/keccak',
  file: 'machine/src/io/keccak.gen.ts',
  constant: 'KECCAK',
  description: 'Hashes Merkle trees',
  compiler: ['-O3', '-msimd128'],
  linker: [
    '--no-entry',
    '--stack-first',
    '-z,stack-size=16384',
    '--strip-all',
    '--export=tree',
    '--export=nodes_address',
  ],
})
