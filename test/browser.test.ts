/** The machine in a tab of Chromium: the README's example, errors, and recursion deeper than a Worker's stack. */
import { readFile } from 'node:fs/promises'
import { buildProgram, encodeInput } from '@millrace/machine'
import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { EXAMPLES } from '../examples/catalog.ts'
import { runInThread } from '../examples/tools/runInThread.ts'
import { bundle } from './browser/bundle.ts'
import { findChromium } from './browser/findChromium.ts'
import { observeInTab, type Task } from './browser/observeInTab.ts'
import { openTab } from './browser/tab.ts'
import { observation } from './determinism/observation.ts'

const chromium = await findChromium()
const path = 'path' in chromium ? chromium.path : ''
const why = 'missing' in chromium ? ` (${chromium.missing})` : ''
const limits = { fuel: 1_000_000_000n, outputMax: 1 << 20 }

describe('for a browser', () => {
  it.each(['@millrace/machine', '@millrace/machine/browser', '@millrace/machine/worker', '@millrace/sdk'])(
    '%s is bundled without a module of Node',
    async (name) => {
      await expect(bundle({ script: `import '${name}'` })).resolves.toHaveProperty(['script.js'])
    },
  )

  it('notices a module of Node on the way', async () => {
    const file = './machine/src/testing/suite.ts'
    await expect(bundle({ script: `import '${file}'` })).rejects.toThrow(/Could not resolve "node:/)
  })
})

describe.skipIf(why)(`in a tab${why}`, () => {
  it("runs the example of the machine's README, which shows what it says", async () => {
    const readme = await readFile(new URL('../machine/README.md', import.meta.url), 'utf8')
    const [, code] = /## In a browser.*?```js\n(.*?)```/s.exec(readme)!
    const files: Record<string, string | Uint8Array> = {
      ...(await bundle({ page: code!, worker: "import '@millrace/machine/worker'" })),
      'index.html': '<!doctype html><body><script type="module" src="page.js"></script>',
      'wordcount.wasm': await readFile(EXAMPLES.find(({ name }) => name === 'wordcount')!.module),
    }
    const tab = await openTab(path, (name) => files[name])
    try {
      await tab.page.waitForFunction('document.body.innerText.trim() !== ""')
      const shown = [...code!.matchAll(/^\/\/ ?(.*)$/gm)].map(([, line]) => line).join('\n')
      expect((await tab.page.evaluate<string>('document.body.textContent')).trimEnd()).toBe(shown)
    } finally {
      await tab.close()
    }
  })

  it('tells by a code what went wrong', async () => {
    const module = await recursion(0)
    const observed = await observeInTab(path, {
      refused: { module: Uint8Array.of(1, 2, 3), input: encodeInput(), limits },
      unlimited: { module, input: encodeInput(), limits: { ...limits, fuel: -1n } },
    })
    expect(observed).toEqual({ refused: ['module-refused'], unlimited: ['bad-limits'] })
  })

  it('fails where the Worker has no script', async () => {
    const page = `
      import { runInWorker } from '@millrace/machine/browser'
      window.attempt = () => runInWorker(new Worker('nowhere.js', { type: 'module' }), {}).catch(({ code }) => code)`
    const scripts = await bundle({ page })
    const files = { ...scripts, 'index.html': '<!doctype html><script type="module" src="page.js"></script>' }
    const tab = await openTab(path, (name) => files[name as keyof typeof files])
    try {
      expect(await tab.page.evaluate('attempt()')).toBe('worker-failed')
    } finally {
      await tab.close()
    }
  })

  it('has the result of a deep recursion or none, never another', async () => {
    const depths = [10, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000]
    const tasks: Record<string, Task> = {}
    for (const depth of depths)
      tasks[depth] = { module: await recursion(depth), input: encodeInput(), limits }
    const observed = await observeInTab(path, tasks)
    const aborted = []
    for (const depth of depths) {
      const [inTab] = observed[depth]!
      if (inTab === 'host-abort') {
        aborted.push(depth)
        continue
      }
      const { root } = buildProgram(tasks[depth]!.module)
      expect(inTab, `${depth} deep`).toEqual(observation(root, await runInThread(tasks[depth]!)))
    }
    // Some of each, or nothing was compared.
    expect(aborted).not.toContain(10)
    expect(aborted).toContain(1_000_000)
  })
})

/** A program that writes a byte at each step down, so that the stack may end in the program or in its host. */
async function recursion(depth: number): Promise<Uint8Array> {
  const { parseWat } = await wabt()
  const text = `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "\\20\\00\\00\\00\\01\\00\\00\\00")
    (data (i32.const 32) ".")
    (func $down (param $left i32) (result i32)
      (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
      (if (result i32) (local.get $left)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get $left) (i32.const 1)))))
        (else (i32.const 0))))
    (func (export "_start") (drop (call $down (i32.const ${depth})))))`
  return new Uint8Array(parseWat('recursion.wat', text).toBinary({}).buffer)
}
