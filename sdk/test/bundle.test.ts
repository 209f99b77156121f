/** The package runs in a browser: a bundle for one has nothing of Node's in it, and does not grow unnoticed. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const entry = new URL('../src/index.ts', import.meta.url).pathname

it('bundles for a browser', async () => {
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true },
    ...{ format: 'esm', target: 'es2022', platform: 'browser', logLevel: 'silent' },
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.filter((name) => name.includes('tiny-secp256k1'))).toEqual([])
  expect(inputs.some((name) => name.endsWith('documents/secp256k1/noble.ts'))).toBe(true)
  const text = outputFiles[0]!.text
  expect(text).not.toMatch(/from\s*["']node:/)
  // Kilobytes, compressed, of which viem, zod and the curve are two thirds. Rounded: minifiers change their mind.
  expect(Math.round(gzipSync(text).length / 10_240) * 10).toMatchInlineSnapshot(`240`)
})
