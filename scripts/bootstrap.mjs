// node scripts/bootstrap.mjs <script> [arguments…]
//
// Makes a fresh clone able to run anything: installs what package-lock.json pins when it is not
// there, finds a Node that strips types, and hands over to the script. Plain JavaScript without
// dependencies, because it runs before there are any, under whatever Node the user has.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from './bootstrap/install.mjs'
import { hasTypeStripping, pinnedNode, runUnder } from './bootstrap/runtime.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const [script, ...args] = process.argv.slice(2)

/**
 * @param {string} sentence
 * @returns {never}
 */
function giveUp(sentence) {
  console.error(`millrace: ${sentence}`)
  process.exit(1)
}

if (script === undefined) giveUp('say which script to run: node scripts/bootstrap.mjs scripts/start.ts')

try {
  await ensureInstalled(root)
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error))
}

const node = pinnedNode(root) ?? process.execPath
if (node === process.execPath && !hasTypeStripping(process.versions.node)) {
  giveUp(
    `Node ${process.versions.node} is too old, and no pinned Node exists for ${process.platform}-${process.arch}. ` +
      'Install Node 24 (or 22.18 and later) and run the same command again.',
  )
}
runUnder(node, [path.resolve(root, script), ...args], root)
