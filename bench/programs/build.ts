/** Builds the bench's modules from their sources: `node bench/programs/build.ts [NAME…]`, all without a name. */
import { writeFile } from 'node:fs/promises'
import { compileAssemblyScript } from '../../examples/tools/compileAssemblyScript.ts'
import { compileC } from '../../examples/tools/compileC.ts'

const C = [
  ...['sort', 'hashmap', 'json', 'lz', 'sha256', 'distance', 'queens'],
  ...['matmul', 'fft', 'nbody', 'mandelbrot', 'raytrace'],
  ...['fibonacci', 'bytecode'],
]

const here = (path: string) => new URL(path, import.meta.url)

/** How each module is made, by its name. */
export const BUILDS: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  ...Object.fromEntries(C.map((name) => [name, () => compileC(here(`${name}.c`), [here('report.h')])])),
  life: () => compileAssemblyScript(here('assembly/'), 'life.ts'),
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  for (const [name, build] of Object.entries(BUILDS)) {
    if (names.length > 0 && !names.includes(name)) continue
    const module = await build()
    await writeFile(here(`${name}.wasm`), module)
    process.stdout.write(`${name}.wasm: ${module.length} bytes\n`)
  }
}
