/**
 * Builds the modules of this folder from their sources: `node examples/build.ts [NAME…]`, all of them without a
 * name. `search` needs a Rust compiler (see its README); the rest needs nothing but the project's own packages.
 */
import { writeFile } from 'node:fs/promises'
import { HOSTILE, REFUSED } from './catalog.ts'
import { build as buildHello } from './hello/build.ts'
import { build as buildHostile } from './hostile/build.ts'
import { build as buildMandelbrot } from './mandelbrot/build.ts'
import { build as buildPrimes } from './primes/build.ts'
import { build as buildSearch } from './search/build.ts'
import { build as buildWordcount } from './wordcount/build.ts'

/** How each module is made, by the path that it has in this folder. */
export const BUILDS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'hello/hello.wasm': buildHello,
  'wordcount/wordcount.wasm': buildWordcount,
  'mandelbrot/mandelbrot.wasm': buildMandelbrot,
  'primes/primes.wasm': buildPrimes,
  'search/search.wasm': buildSearch,
  ...Object.fromEntries(
    [...HOSTILE, ...REFUSED].map(({ name }) => [`hostile/${name}.wasm`, () => buildHostile(name)]),
  ),
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  for (const [path, build] of Object.entries(BUILDS)) {
    const name = path.slice(path.indexOf('/') + 1, -'.wasm'.length)
    if (names.length > 0 && !names.includes(name)) continue
    const module = await build()
    await writeFile(new URL(path, import.meta.url), module)
    process.stdout.write(`${path}: ${module.length} bytes\n`)
  }
}
