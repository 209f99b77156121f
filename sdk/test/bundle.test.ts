/** The package runs in a browser: a bundle for one has nothing of Node's in it, and does not grow unnoticed. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const entry = new URL('../src/index.ts', import.meta.url).pathname

it('bundles for a browser, and loads the step machine only for a proof', async () => {
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true },
    ...{ format: 'esm', target: 'es2022', platform: 'browser', logLevel: 'silent' },
    ...{ splitting: true, outdir: '/bundle' },
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.filter((name) => name.includes('tiny-secp256k1'))).toEqual([])
  expect(inputs.some((name) => name.endsWith('documents/secp256k1/noble.ts'))).toBe(true)

  // What a page loads with the package: the entry and what it imports, but for imports that wait.
  const outputs = new Map(Object.entries(metafile.outputs))
  const [first] = [...outputs].find(([, { entryPoint }]) => entry.endsWith(entryPoint ?? '//'))!
  const loaded = new Set([first])
  for (const name of loaded)
    for (const { path, kind } of outputs.get(name)!.imports)
      if (kind === 'import-statement' && outputs.has(path)) loaded.add(path)
  const sources = [...loaded].flatMap((name) => Object.keys(outputs.get(name)!.inputs))
  expect(inputs.some((name) => name.endsWith('machine/src/trace/trace.ts'))).toBe(true)
  expect(sources.filter((name) => /machine\/src\/(trace|interpret|replay)\//.test(name))).toEqual([])

  const texts = outputFiles
    .filter(({ path }) => [...loaded].some((name) => path.endsWith(name.replace(/^.*\//, '/'))))
    .map(({ text }) => text)
  for (const { text } of outputFiles) expect(text).not.toMatch(/from\s*["']node:/)
  // Kilobytes, compressed, of which viem, zod and the curve are two thirds. Rounded: minifiers change their mind.
  expect(Math.round(gzipSync(texts.join('')).length / 10_240) * 10).toMatchInlineSnapshot(`260`)
})
