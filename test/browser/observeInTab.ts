/** Runs jobs in a tab, each in a Worker of its own, as a page would. */
import type { RunLimits } from '@millrace/machine'
import type { Observed } from '../determinism/observation.ts'
import { bundle } from './bundle.ts'
import { openTab } from './tab.ts'

/** Of the page: results are told by their roots, errors by their code. */
const PAGE = `
import { runInWorker } from '@millrace/machine/browser'

const read = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer())

window.observe = async (name, fuel, outputMax) => {
  const job = { module: await read(name + '.wasm'), input: await read(name + '.input'), limits: { fuel, outputMax } }
  const worker = new Worker('worker.js', { type: 'module' })
  try {
    const { programRoot, status, fuelUsed, outputRoot } = await runInWorker(worker, job)
    return { programRoot, status, fuelUsed: String(fuelUsed), outputRoot }
  } catch (error) {
    if (error.code === undefined) throw error
    return error.code
  } finally {
    worker.terminate()
  }
}
`

export interface Task {
  readonly module: Uint8Array
  readonly input: Uint8Array
  readonly limits: RunLimits
}

/** What each of `runs` runs of each task came to: a result's roots, or the code of an error. */
export async function observeInTab(
  chromiumPath: string,
  tasks: Readonly<Record<string, Task>>,
  runs = 1,
): Promise<Record<string, Observed[]>> {
  const scripts = await bundle({ page: PAGE, worker: "import '@millrace/machine/worker'" })
  const tab = await openTab(chromiumPath, (path) => {
    if (path === 'index.html') return '<!doctype html><script type="module" src="page.js"></script>'
    const task = tasks[path.slice(0, path.lastIndexOf('.'))]
    if (task) return path.endsWith('.wasm') ? task.module : task.input
    return scripts[path]
  })
  try {
    const found: Record<string, Observed[]> = {}
    for (const [name, { limits }] of Object.entries(tasks)) {
      const call = `observe(${JSON.stringify(name)}, ${limits.fuel}n, ${limits.outputMax})`
      found[name] = []
      for (let i = 0; i < runs; i++) found[name].push(await tab.page.evaluate(call))
    }
    return found
  } finally {
    await tab.close()
  }
}
