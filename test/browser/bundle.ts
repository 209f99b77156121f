import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Bundles for a browser, in one file each; a module of Node's on the way is an error that names who imports it. */
export async function bundle(scripts: Record<string, string>): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.keys(scripts).map((name) => [name, `script:${name}`])),
    plugins: [fromText(scripts)],
    outdir: '/',
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    logLevel: 'silent',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^\//, ''), text]))
}

function fromText(scripts: Record<string, string>): Plugin {
  return {
    name: 'from text',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^script:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'script' }))
      onLoad({ filter: /.*/, namespace: 'script' }, ({ path }) => ({
        contents: scripts[path]!,
        loader: 'ts',
        resolveDir: ROOT,
      }))
    },
  }
}
